"""The one door in: keep what came, find who and which ticket, append.

Offers `receive.receive` and `receive.process`. May import every job of this package except desk, portal
and api.
"""
