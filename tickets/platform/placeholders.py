"""Placeholders in stored texts, such as {customer}: filled in once, so that no value is read for others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

# What somebody may mean for one: a few words in braces, also as other products write it: {{ customer.name }}.
PLACEHOLDER = re.compile(r"\{{1,3}[%#]?\s*\w[\w .'’|%-]{0,58}\}{1,3}")


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each {name} that `values` has replaced by its value; all others stay as they are.

    A value that looks like a placeholder, such as a customer called "{company}", stays as it is too.
    """
    return PLACEHOLDER.sub(lambda found: values.get(found[0][1:-1], found[0]), text)


def find_unknown(text: str, known: Iterable[str]) -> list[str]:
    """Return each placeholder in `text` that is none of the `known` names, in order, as it is written."""
    allowed = {f"{{{name}}}" for name in known}
    return [found for found in dict.fromkeys(PLACEHOLDER.findall(text)) if found not in allowed]


def check_placeholders(text: str, known: Iterable[str]) -> None:
    """Refuse a text to be stored that has other placeholders than the `known` names.

    Raises:
        ValidationError: with a sentence that names the others, and lists those there are.
    """
    names = tuple(known)
    if unknown := find_unknown(text, names):
        sentence = ngettext(
            "%(unknown)s is not a placeholder of this text. Use one of these: %(known)s.",
            "%(unknown)s are not placeholders of this text. Use some of these: %(known)s.",
            len(unknown),
        )
        listed = ", ".join(f"{{{name}}}" for name in names)
        words = {"unknown": ", ".join(unknown), "known": listed}
        raise ValidationError(sentence % words, code="unknown_placeholder")
