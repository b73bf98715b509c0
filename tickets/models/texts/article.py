"""FAQ articles for customers. They help first and never replace a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Bilingual


class Article(Bilingual):
    """A question and its answer, in both languages."""

    slug = models.SlugField(_("short name"), unique=True)
    text_en = models.TextField(_("answer in English"), blank=True)
    text_fr = models.TextField(_("answer in French"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_public = models.BooleanField(_("shown to customers"), default=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["position", "id"]

    def text(self, language: str) -> str:
        """Return the answer in `language`, else in the other language."""
        return (self.text_fr or self.text_en) if language == "fr" else (self.text_en or self.text_fr)
