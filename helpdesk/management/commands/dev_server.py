"""What `make dev` starts again after each change."""

from helpdesk.management.commands import up


class Command(up.Command):
    """`manage.py up` on the PostgreSQL that `manage.py dev` keeps running."""

    help = "Serves with debug on; `manage.py dev` starts it, and starts it again after each change."
