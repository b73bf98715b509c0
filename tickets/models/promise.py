"""Promises: when a person will answer, the basis of that estimate, and whether it was kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    """A range of time in which a person's answer is promised."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("an answer")
        CALLBACK = "callback", _("a call back")
        PERSONAL = "personal", _("a person's word")

    class Reason(models.TextChoices):
        NEEDS_TIME = "time", _("whoever has it needs more time")
        FEWER_PEOPLE = "people", _("fewer people are there than when it was promised")
        MORE_AHEAD = "ahead", _("more is waiting than when it was promised")
        SLOWER = "slower", _("answers take longer than expected")

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ANSWER)
    from_at = models.DateTimeField(_("from"))
    due_at = models.DateTimeField(_("until"))
    certainty = models.FloatField(_("certainty"), default=0.8)
    basis = models.JSONField(default=dict)
    text = models.CharField(_("words"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    kept_at = models.DateTimeField(_("kept"), null=True, blank=True)
    broken_at = models.DateTimeField(_("broken"), null=True, blank=True)
    reason = models.CharField(
        _("why it took another's place"), max_length=6, choices=Reason, blank=True, db_default=""
    )
    changes = models.PositiveSmallIntegerField(_("changes the customer was told of"), default=0, db_default=0)
    look_again_at = models.DateTimeField(_("looked at again"), null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replaces")

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["made_at"]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(kept_at=None, broken_at=None, replaced_by=None),
                name="promise_open",
            ),
            models.Index(
                fields=["due_at"], condition=Q(kept_at=None, replaced_by=None), name="promise_watched"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.due_at:%Y-%m-%d %H:%M}"
