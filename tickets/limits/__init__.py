"""Rate limits on pages, API, mail and sign-in, counted in PostgreSQL.

May import models of its own table, platform and errors.
"""
