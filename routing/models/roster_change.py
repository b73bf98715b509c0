"""Changes of who can do what, or when: triggers note it, the router's memory is checked by it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RosterChange(models.Model):
    """One statement that changed agents, skills, shifts, leave, memberships or queues' rules.

    How many rows there are and the last one's number change exactly when a change becomes visible, so that
    a process that routes knows for sure whether what it remembers still holds.
    """

    at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        verbose_name = _("change of the roster")
        verbose_name_plural = _("changes of the roster")

    def __str__(self) -> str:
        return str(self.pk)
