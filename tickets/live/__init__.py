"""News to open pages, and tasks that are sent when a transaction has been committed.

Everything works without it, only later: PostgreSQL is the truth.
"""
