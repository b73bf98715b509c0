"""Rules of a queue that a supervisor sets for routing."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class QueueRules(models.Model):
    """How a queue's work is given; a queue without such a row has the defaults."""

    class Language(models.TextChoices):
        REQUIRED = "required", _("required")
        WANTED = "wanted", _("preferred")
        ANY = "any", _("ignored")

    queue = models.OneToOneField(
        "tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="rules"
    )
    weight = models.FloatField(
        _("weight"),
        default=1.0,
        validators=[MinValueValidator(0.1)],
        help_text=_("2 makes each minute of waiting count twice."),
    )
    language = models.CharField(
        _("the customer's language is"), max_length=8, choices=Language, default=Language.WANTED
    )
    region = models.CharField(_("stays in region"), max_length=40, blank=True)
    clearances = ArrayField(
        models.CharField(max_length=40), verbose_name=_("needs clearances"), default=list, blank=True
    )
    office_only = models.BooleanField(
        _("stays in the office"),
        default=False,
        help_text=_("Nobody who works at home is given it."),
    )
    overflow_to = models.ForeignKey(
        "tickets.Queue",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lends its work to"),
        help_text=_("When somebody waits too long here and people are free there."),
    )
    overflow_from_minutes = models.PositiveSmallIntegerField(
        _("from a wait of (minutes)"), default=60, validators=[MinValueValidator(1)]
    )
    overflow_until_minutes = models.PositiveSmallIntegerField(
        _("until nobody waits longer than (minutes)"), default=30
    )
    overflow_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("routing rules of a queue")
        verbose_name_plural = _("routing rules of queues")
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="queue_weight_positive"),
            models.CheckConstraint(
                condition=Q(overflow_until_minutes__lt=models.F("overflow_from_minutes")),
                name="overflow_ends_below_its_start",
                violation_error_message=_("Lending must end at a shorter wait than it begins at."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.queue)
