"""How the fields of a mail are written: none adds another, and ids are whole, for every program to find.

Python's own way puts a long id on a line of its own below "Message-ID:", which some servers take for an empty
field, and writes one of more than a line, as Outlook makes them, as an encoded word, which no program reads.
It also decodes the encoded words in a text that is given to it, line ends too, and writes these as they are.
"""

from __future__ import annotations

import re
from email.policy import EmailPolicy
from typing import Any

WHOLE_FIELDS = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})


class WholeIds(EmailPolicy):
    """The policy of a mail that leaves: one id a line, the first beside the field's name."""

    @classmethod
    def like(cls, policy: Any) -> WholeIds:
        """Return this policy with the line ends and limits of another."""
        return cls(**vars(policy))

    def fold(self, name: str, value: Any) -> str:
        return self._ids(name, value) or self._one_field(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        ids = self._ids(name, value)
        if ids:
            return ids.encode("ascii")
        written = super().fold_binary(name, value).decode("latin-1")
        return self._one_field(written).encode("latin-1")

    def _one_field(self, written: str) -> str:
        """Return a field each of whose further lines begins with a space, so that it stays one (RFC 5322)."""
        first, *others = [line for line in re.split(r"[\r\n]+", written) if line.strip()]
        further = (line if line[0] in " \t" else f" {line}" for line in others)
        return f"{self.linesep.join([first, *further])}{self.linesep}"

    def _ids(self, name: str, value: Any) -> str:
        text = str(value)
        if name.lower() not in WHOLE_FIELDS or not text.isascii():
            return ""
        return f"{name}: {f'{self.linesep} '.join(text.split())}{self.linesep}"
