"""How ids and addresses to unsubscribe are written: each whole and as it is, for every program to find.

Python's own way puts a long id on a line of its own below "Message-ID:", which some servers take for an empty
field, and writes one of more than a line, as Outlook makes them, as an encoded word, which no program reads.
"""

from __future__ import annotations

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
        return self._ids(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        ids = self._ids(name, value)
        return ids.encode("ascii") if ids else super().fold_binary(name, value)

    def _ids(self, name: str, value: Any) -> str:
        text = str(value)
        if name.lower() not in WHOLE_FIELDS or not text.isascii():
            return ""
        return f"{name}: {f'{self.linesep} '.join(text.split())}{self.linesep}"
