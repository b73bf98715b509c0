"""The interface of this package for SQL of other packages: which tables and columns they may read.

Offers `relations` (named subselects with their columns), `hours` (open time in a statement), `assigning` (the
router's update of many tickets) and `sealing` (lift the guard of the event log for a while). If another
column or table is needed, add it here: `make check` refuses statements elsewhere that name a table of
tickets. Imports models.
"""
