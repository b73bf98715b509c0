"""How far the facts have read the event log."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Watermark(models.Model):
    """One row: events up to `settled_id` are read for good; later ones are looked at again.

    Ids are given out before transactions commit, so a smaller id may appear after a larger one. A mark
    therefore first becomes a candidate, and is settled when every transaction that was running at that
    moment (`candidate_xid` and below) has ended.
    """

    settled_id = models.BigIntegerField(_("events counted up to"), default=0)
    candidate_id = models.BigIntegerField(_("newest event seen"), null=True)
    candidate_xid = models.BigIntegerField(_("transaction of the newest event"), null=True)
    candidate_at = models.DateTimeField(_("newest event seen at"), null=True)
    refreshed_at = models.DateTimeField(_("facts as of"), null=True)

    class Meta:
        verbose_name = _("freshness of the facts")
        verbose_name_plural = _("freshness of the facts")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="watermark_is_one_row")]

    def __str__(self) -> str:
        return f"{self.settled_id}"
