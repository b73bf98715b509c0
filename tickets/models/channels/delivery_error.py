"""Why a message was not delivered: one value from the transport that failed to the page that shows it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.db import models

LONGEST_TEXT = 500
# An enhanced status code (RFC 3463) at the beginning of a mail server's reply: "5.1.1 No such user".
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b[\s:-]*")


class Kind(StrEnum):
    """What follows: another attempt, a person's work, or nothing (we decided not to send)."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class DeliveryError:
    """Why something was not delivered, in the words of the system that refused it.

    - `code`: the code of that system ("5.1.1" or "550" of a mail server, "422" of a web service), or empty.
    - `text`: its message, cut to 500 characters.
    - `provider`: the system ("smtp", "mailgun", a channel's slug).
    """

    kind: Kind
    text: str = ""
    code: str = ""
    provider: str = ""

    def __post_init__(self) -> None:
        """Cut code and text to the lengths that are stored."""
        object.__setattr__(self, "text", self.text.replace("\x00", "")[:LONGEST_TEXT])
        object.__setattr__(self, "code", self.code[:20])

    @property
    def is_temporary(self) -> bool:
        return self.kind == Kind.TEMPORARY

    @classmethod
    def temporary(cls, text: str, *, code: str = "", provider: str = "") -> DeliveryError:
        return cls(Kind.TEMPORARY, text, code, provider)

    @classmethod
    def permanent(cls, text: str, *, code: str = "", provider: str = "") -> DeliveryError:
        return cls(Kind.PERMANENT, text, code, provider)

    @classmethod
    def withheld(cls, text: str) -> DeliveryError:
        """Return the error of a message that we decided not to send, with the reason as its text."""
        return cls(Kind.WITHHELD, text)

    @classmethod
    def from_smtp(cls, reply: int, text: str, *, provider: str = "smtp") -> DeliveryError:
        """Return the error for a mail server's reply: 4xx is temporary, any other number permanent.

        `code` is the enhanced status code (RFC 3463) at the beginning of the text, else the reply's number.
        The number 421 is always kept, since it means that the server closes the session.
        """
        kind = Kind.TEMPORARY if 400 <= reply < 500 else Kind.PERMANENT
        enhanced = ENHANCED.match(text) if reply != 421 else None
        code, rest = (enhanced[1], text[enhanced.end() :]) if enhanced else (str(reply), text)
        return cls(kind, rest.strip(), code, provider)

    @classmethod
    def from_status(cls, status: str, text: str = "", *, provider: str = "smtp") -> DeliveryError:
        """Return the error for the status of a delivery report: "4.x.x" is temporary, others permanent."""
        return cls(Kind.TEMPORARY if status.startswith("4") else Kind.PERMANENT, text, status, provider)

    @classmethod
    def from_exception(cls, error: Exception, *, provider: str = "") -> DeliveryError:
        """Return the error for an exception of ours or of the network; it is temporary."""
        return cls.temporary(f"{type(error).__name__}: {error}", provider=provider)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


class DeliveryErrorField(models.JSONField):
    """A column that holds a DeliveryError, or NULL where nothing went wrong."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> DeliveryError | None:
        stored = super().from_db_value(value, expression, connection)
        return DeliveryError(**{**stored, "kind": Kind(stored["kind"])}) if stored else None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = asdict(value) if isinstance(value, DeliveryError) else value
        return super().get_db_prep_value(plain, connection, prepared)

    def value_to_string(self, obj: models.Model) -> Any:
        error = self.value_from_object(obj)
        return asdict(error) if error is not None else None
