"""Shared parts of models: names in two languages, random public ids, encrypted secrets."""

import secrets
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets.platform import crypto

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: an id may be read out on the phone
PLACES = [len(ALPHABET) ** place for place in range(14)]


def public_id() -> str:
    """Return 14 random characters (69 bits): the id that customers see instead of the number."""
    number = secrets.randbelow(len(ALPHABET) ** 14)  # one draw for all 14: each draw is a system call
    return "".join([ALPHABET[number // place % len(ALPHABET)] for place in PLACES])


class Language(models.TextChoices):
    """The languages of the interface."""

    ENGLISH = "en", _("English")
    FRENCH = "fr", _("French")


class Bilingual(models.Model):
    """A row with an English and a French name; if one is empty, the other is used."""

    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label()

    def label(self, language: str | None = None) -> str:
        """Return the name in `language` (default: the active one), else in the other language."""
        french = (language or get_language() or "en").startswith("fr")
        return (self.name_fr or self.name_en) if french else (self.name_en or self.name_fr)


class EncryptedTextField(models.TextField[str, str]):
    """A secret: encrypted in the database with the installation's key, plain text in Python."""

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        return value if not value else crypto.decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if not value else crypto.encrypt(str(value))
