"""Skills: which there are, who has them at what level, and which a queue asks for."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Bilingual

LEVELS = [MinValueValidator(0), MaxValueValidator(5)]


class Skill(Bilingual):
    """Something a person knows or can do; languages are not skills, they belong to the agent."""

    slug = models.SlugField(_("short name"), unique=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["slug"]


class AgentSkill(models.Model):
    """How well a person knows something: 0 not at all, 3 does it well, 5 teaches it."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, verbose_name=_("agent"), related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, verbose_name=_("skill"), related_name="agents")
    level = models.PositiveSmallIntegerField(_("level (0 to 5)"), default=3, validators=LEVELS)

    class Meta:
        verbose_name = _("agent's skill")
        verbose_name_plural = _("agents' skills")
        constraints = [
            models.UniqueConstraint(fields=["agent", "skill"], name="agent_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(0, 5)), name="agent_skill_level"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.skill} {self.level}"


class QueueSkill(models.Model):
    """What a queue asks of whoever takes its work: a level that is a must, and one that is a wish."""

    queue = models.ForeignKey("tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, verbose_name=_("skill"), related_name="queues")
    required_level = models.PositiveSmallIntegerField(
        _("required level"),
        default=0,
        validators=LEVELS,
        help_text=_("A must, however long the customer waits. 0: none."),
    )
    wanted_level = models.PositiveSmallIntegerField(
        _("wanted level"),
        default=0,
        validators=LEVELS,
        help_text=_("A wish that gets smaller while the customer waits. 0: none."),
    )

    class Meta:
        verbose_name = _("queue's skill")
        verbose_name_plural = _("queues' skills")
        constraints = [
            models.UniqueConstraint(fields=["queue", "skill"], name="queue_skill_once"),
            models.CheckConstraint(
                condition=Q(required_level__range=(0, 5), wanted_level__range=(0, 5)),
                name="queue_skill_levels",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.skill}"
