"""How header fields are written: ids are never split, and a value cannot add another field.

Python's own policy moves a long id to the line below "Message-ID:", which some servers read as an empty
field, and writes an id longer than a line (Outlook makes them) as an encoded word, which no program reads.
It also decodes encoded words in a value, including line ends, and writes these unchanged.
"""

from __future__ import annotations

import re
from email.policy import EmailPolicy
from typing import Any

WHOLE_FIELDS = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})


class WholeIds(EmailPolicy):
    """The policy of outgoing mails: one id per line, the first one next to the field's name."""

    @classmethod
    def from_policy(cls, policy: Any) -> WholeIds:
        """Return a policy with the settings of another one."""
        return cls(**vars(policy))

    def fold(self, name: str, value: Any) -> str:
        return self._fold_ids(name, value) or self._indent_lines(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        ids = self._fold_ids(name, value)
        if ids:
            return ids.encode("ascii")
        written = super().fold_binary(name, value).decode("latin-1")
        return self._indent_lines(written).encode("latin-1")

    def _indent_lines(self, written: str) -> str:
        """Indent all lines but the first, so that they remain parts of one field (RFC 5322)."""
        first, *others = [line for line in re.split(r"[\r\n]+", written) if line.strip()]
        indented = (line if line[0] in " \t" else f" {line}" for line in others)
        return f"{self.linesep.join([first, *indented])}{self.linesep}"

    def _fold_ids(self, name: str, value: Any) -> str:
        text = str(value)
        if name.lower() not in WHOLE_FIELDS or not text.isascii():
            return ""
        return f"{name}: {f'{self.linesep} '.join(text.split())}{self.linesep}"
