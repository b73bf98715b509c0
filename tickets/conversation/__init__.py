"""What agents say: replies, notes, scheduled replies, replies by mail, tags.

Offers verbs that write messages. May import models, delivery, promises, platform and the values of channels.
"""
