"""Intake, through which everything received passes: store it, find the customer and the ticket, append.

Offers `receive.receive` and `receive.process`. May import every job of this package except desk, portal
and api.
"""
