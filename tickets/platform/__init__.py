"""Technical services that every package needs and no domain owns.

Secrets, files, locks, SQL, tasks on commit, safe outgoing connections, limits for hostile servers and input.

May import nothing of the domain but errors.
"""
