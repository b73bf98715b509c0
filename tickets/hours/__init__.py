"""Business time, opening hours and public holidays: arithmetic, and their description in words.

May import the models of calendars and queues, events, and wording.
"""
