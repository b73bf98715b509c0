"""Contact reasons (`Motive` in code), on two levels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Bilingual


class Motive(Bilingual):
    """A contact reason. Net FCR leaves out the reasons marked as not resolvable at first contact."""

    slug = models.SlugField(_("short name"), unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("part of"), null=True, blank=True, related_name="children"
    )
    is_resolvable_at_first_contact = models.BooleanField(_("can be resolved at first contact"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("contact reason")
        verbose_name_plural = _("contact reasons")
        ordering = ["slug"]
