"""Opening hours and SLA targets as rows. tickets.hours.business_time has the arithmetic."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _


class Calendar(models.Model):
    """Opening hours in one time zone; `version` grows with each change."""

    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    is_always_open = models.BooleanField(_("open day and night"), default=False)
    holidays_of = models.CharField(
        _("public holidays of"),
        max_length=20,
        blank=True,
        help_text=_("For instance FR, or FR-57 for Alsace-Moselle."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")

    def __str__(self) -> str:
        return self.name


class OpeningRule(models.Model):
    """One span of a weekday, in the calendar's wall-clock time. A day may have several."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = models.ForeignKey(
        Calendar, models.CASCADE, verbose_name=_("business hours"), related_name="rules"
    )
    weekday = models.SmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("00:00 means the end of the day."))

    class Meta:
        verbose_name = _("opening span")
        verbose_name_plural = _("opening spans")
        ordering = ["weekday", "opens"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Holiday(models.Model):
    """A day on which the calendar is closed."""

    calendar = models.ForeignKey(
        Calendar, models.CASCADE, verbose_name=_("business hours"), related_name="holidays"
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()


class OpeningInterval(models.Model):
    """An open span between two instants, with the open seconds before it (a prefix sum)."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="intervals")
    version = models.PositiveIntegerField()
    open_at = models.DateTimeField()
    close_at = models.DateTimeField()
    seconds_before = models.BigIntegerField()

    class Meta:
        verbose_name = _("opening interval")
        verbose_name_plural = _("opening intervals")
        ordering = ["calendar", "open_at"]
        indexes = [models.Index(fields=["calendar", "version", "open_at"], name="opening_interval_order")]
        constraints = [
            ExclusionConstraint(
                name="opening_intervals_do_not_overlap",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("version", RangeOperators.EQUAL),
                    (
                        models.Func("open_at", "close_at", function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.open_at:%Y-%m-%d %H:%M} – {self.close_at:%H:%M}"


class SlaPolicy(models.Model):
    """The targets of a queue for one priority, in minutes of the queue's business hours."""

    queue = models.ForeignKey(
        "tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="sla_policies"
    )
    priority = models.SmallIntegerField(_("priority"), default=1)
    first_response_minutes = models.PositiveIntegerField(_("first response within (minutes)"), default=240)
    next_response_minutes = models.PositiveIntegerField(_("next response within (minutes)"), default=240)

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        constraints = [
            models.UniqueConstraint(fields=["queue", "priority"], name="one_sla_per_queue_and_priority")
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.priority}"
