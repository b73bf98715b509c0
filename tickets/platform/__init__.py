"""What every package needs and no domain owns.

Secrets, files, rate limits, safe outgoing connections, bulk inserts.

May import models of its own tables and nothing of the domain.
"""
