"""Canned responses, email templates and signatures: texts with a few placeholders, no template engine."""

from collections.abc import Iterable
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Bilingual, Language
from tickets.platform import placeholders


class Macro(Bilingual):
    """A canned response: a prepared text that an agent can insert."""

    queue = models.ForeignKey("tickets.Queue", models.CASCADE, null=True, blank=True, verbose_name=_("queue"))
    text_en = models.TextField(_("text in English"), blank=True)
    text_fr = models.TextField(_("text in French"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    PLACEHOLDERS: ClassVar = ("customer", "agent", "queue", "company", "number")

    class Meta:
        verbose_name = _("canned response")
        verbose_name_plural = _("canned responses")

    def clean(self) -> None:
        _check(self, ("text_en", "text_fr"), self.PLACEHOLDERS)

    @property
    def unknown_placeholders(self) -> list[str]:
        """Placeholders of an older text that have no value; an agent must replace them before sending."""
        return placeholders.find_unknown(f"{self.text_en}\n{self.text_fr}", self.PLACEHOLDERS)

    def text(self, language: str) -> str:
        """Return the text in `language`, else in the other language."""
        return (self.text_fr or self.text_en) if language == "fr" else (self.text_en or self.text_fr)


class MailText(models.Model):
    """A queue's own text for a kind of mail in one language; without one the built-in text is used."""

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "ack", _("thanks for a new request")
        REPLY = "reply", _("frame of a reply")

    PLACEHOLDERS: ClassVar = ("customer", "agent", "queue", "company", "promise")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    queue = models.ForeignKey(
        "tickets.Queue",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("queue"),
        help_text=_("Empty: for every queue without its own."),
    )
    language = models.CharField(_("language"), max_length=2, choices=Language)
    text = models.TextField(
        _("text"),
        help_text=_(
            "Placeholders: {customer}, {agent}, {queue}, {company}, {promise} (when a person answers), "
            "and in a reply {answer}."
        ),
    )

    class Meta:
        verbose_name = _("email template")
        verbose_name_plural = _("email templates")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "queue", "language"],
                nulls_distinct=False,
                name="one_mail_text_per_queue_and_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.queue or '*'} · {self.language}"

    def clean(self) -> None:
        _check(self, ("text",), self.known_placeholders)

    @property
    def known_placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders allowed in a text of this kind."""
        return (*self.PLACEHOLDERS, "answer") if self.kind == self.Kind.REPLY else self.PLACEHOLDERS

    @property
    def unknown_placeholders(self) -> list[str]:
        """Placeholders of an older text that have no value; such a text is not used."""
        return placeholders.find_unknown(self.text, self.known_placeholders)


class Signature(models.Model):
    """The text under a reply; placeholders: {agent}, {queue}, {company}."""

    queue = models.ForeignKey(
        "tickets.Queue",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("queue"),
        help_text=_("Empty: for every queue without its own."),
    )
    language = models.CharField(_("language"), max_length=2, choices=Language)
    text = models.TextField(_("text"))

    PLACEHOLDERS: ClassVar = ("agent", "queue", "company")

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "language"],
                nulls_distinct=False,
                name="one_signature_per_queue_and_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue or '*'} · {self.language}"

    def clean(self) -> None:
        _check(self, ("text",), self.PLACEHOLDERS)

    @property
    def unknown_placeholders(self) -> list[str]:
        """Placeholders of an older text that have no value; such a text is not used."""
        return placeholders.find_unknown(self.text, self.PLACEHOLDERS)


def _check(row: models.Model, fields: Iterable[str], known: Iterable[str]) -> None:
    """Raise ValidationError with an error for each field whose text has unknown placeholders."""
    errors = {}
    for field in fields:
        try:
            placeholders.check_placeholders(getattr(row, field), known)
        except ValidationError as error:
            errors[field] = error
    if errors:
        raise ValidationError(errors)
