"""Hints to open pages over websockets. A lost hint only delays a page: it reads the rows themselves.

May import models.
"""
