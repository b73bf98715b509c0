"""The one company of this installation, and the settings that apply to all queues."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Language


class Company(models.Model):
    """One row: the company's name and the rules that apply to every queue."""

    name = models.CharField(_("name"), max_length=120, default="Tandem")
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    auto_close_days = models.PositiveSmallIntegerField(
        _("days until a solved ticket closes"),
        default=4,
        help_text=_("The customer can reopen it until then."),
    )
    reopen_days = models.PositiveSmallIntegerField(
        _("days in which a reply reopens a closed ticket"),
        default=14,
        help_text=_("Later, a reply opens a new ticket that is linked to the old one."),
    )
    undo_seconds = models.PositiveSmallIntegerField(
        _("undo time for replies (seconds)"),
        default=15,
        help_text=_("A reply is sent after this time. 0 sends it immediately."),
    )
    survey_delay_hours = models.PositiveSmallIntegerField(
        _("hours between solving and the survey"), default=24, help_text=_("0 sends it immediately.")
    )
    survey_rest_days = models.PositiveSmallIntegerField(
        _("days between two surveys of one customer"), default=30
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Company:
        """Return the row, or an unsaved one with the defaults."""
        return cls._default_manager.filter(pk=1).first() or cls(pk=1)
