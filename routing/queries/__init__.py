"""SQL that several jobs of routing share, and the door for other packages.

Offers `conditions` (where people are) and `staffing` (who is there in each queue: what metrics reads of
routing). `make check` refuses statements of other packages that name a table of routing. Imports models.
"""
