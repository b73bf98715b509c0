"""What other packages may read of tickets in SQL: the door to its tables.

Offers `relations` (what may be read, by name and with its columns), `hours` (open time in a statement),
`assigning` (the one write that the router makes for many tickets at once) and `sealing` (the event log's
guard, lifted for a while). Whoever needs another column or table adds it here; `make check` refuses
statements elsewhere that name a table of tickets. Imports models.
"""
