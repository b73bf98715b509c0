"""Write in a ticket: replies, notes, scheduled replies, notifications of delays, tags.

May import models, customers, delivery, promises, hours, platform and the values of channels.
"""
