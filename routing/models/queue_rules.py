"""Rules of a queue that a supervisor sets for routing."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class QueueRules(models.Model):
    """How a queue's work is given; a queue without such a row has the defaults."""

    class Language(models.TextChoices):
        REQUIRED = "required", _("a must")
        WANTED = "wanted", _("a wish")
        ANY = "any", _("of no matter")

    queue = models.OneToOneField("tickets.Queue", models.CASCADE, related_name="rules")
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

    class Meta:
        verbose_name = _("routing rules of a queue")
        verbose_name_plural = _("routing rules of queues")
        constraints = [models.CheckConstraint(condition=Q(weight__gt=0), name="queue_weight_positive")]

    def __str__(self) -> str:
        return str(self.queue)
