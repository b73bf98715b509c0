"""Placeholders in stored texts, such as {customer}: found, checked and replaced.

All are replaced in one pass: a value that contains a placeholder is not expanded again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

# A few words in braces, also in the notation of other products: {customer}, {{ customer.name }}, {% name %}.
PLACEHOLDER = re.compile(r"\{{1,3}[%#]?\s*\w[\w .'’|%-]{0,58}\}{1,3}")


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each {name} replaced by its value in `values`; unknown placeholders stay.

    A value that looks like a placeholder, such as a customer named "{company}", is not replaced again.
    """
    return PLACEHOLDER.sub(lambda match: values.get(match[0][1:-1], match[0]), text)


def find_unknown(text: str, known: Iterable[str]) -> list[str]:
    """Return the placeholders in `text` that are not among the `known` names, in order, each once.

    They are returned as written, with their braces.
    """
    allowed = {f"{{{name}}}" for name in known}
    return [written for written in dict.fromkeys(PLACEHOLDER.findall(text)) if written not in allowed]


def check_placeholders(text: str, known: Iterable[str]) -> None:
    """Check that a text has no placeholders other than the `known` names.

    Raises:
        ValidationError: it has; the sentence names them and lists the known ones.
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
