"""Business time, opening hours and public holidays: arithmetic, and the words that tell of it.

May import nothing of ours but models of calendars and wording.
"""
