"""Why something did not arrive: one value from the transport that met it to the page that tells of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.db import models

LONGEST_TEXT = 500
# An enhanced status code (RFC 3463) at the beginning of what a mail server says: "5.1.1 No such user".
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b[\s:-]*")


class Kind(StrEnum):
    """What to do about it: try again, give it back to a person, or nothing, since we chose not to send."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class DeliveryError:
    """Why something was not delivered, in the words of whoever refused it.

    `code` is theirs ("5.1.1" or "550" of a mail server, "422" of a web service) and may be empty; `text` is
    what they said, at most 500 characters; `provider` says who spoke ("smtp", "mailgun", a channel's slug).
    """

    kind: Kind
    text: str = ""
    code: str = ""
    provider: str = ""

    def __post_init__(self) -> None:
        """Cut what is longer than is kept."""
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
        """We chose not to send it, for this reason."""
        return cls(Kind.WITHHELD, text)

    @classmethod
    def from_smtp(cls, reply: int, text: str, *, provider: str = "smtp") -> DeliveryError:
        """Return what a mail server's answer means: 4xx is temporary, anything else is not.

        The code is the enhanced one that the text begins with, else the reply's number; 421 is kept, since it
        closes the session whatever it says.
        """
        kind = Kind.TEMPORARY if 400 <= reply < 500 else Kind.PERMANENT
        enhanced = ENHANCED.match(text) if reply != 421 else None
        code, said = (enhanced[1], text[enhanced.end() :]) if enhanced else (str(reply), text)
        return cls(kind, said.strip(), code, provider)

    @classmethod
    def from_status(cls, status: str, text: str = "", *, provider: str = "smtp") -> DeliveryError:
        """Return what the status of a delivery report means: "4.x.x" is temporary, anything else is not."""
        return cls(Kind.TEMPORARY if status.startswith("4") else Kind.PERMANENT, text, status, provider)

    @classmethod
    def from_exception(cls, error: Exception, *, provider: str = "") -> DeliveryError:
        """Return a fault on our side or of the network: tried again."""
        return cls.temporary(f"{type(error).__name__}: {error}", provider=provider)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


class DeliveryErrorField(models.JSONField):
    """A column that holds a DeliveryError, or NULL where nothing went wrong."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> DeliveryError | None:
        kept = super().from_db_value(value, expression, connection)
        return DeliveryError(**{**kept, "kind": Kind(kept["kind"])}) if kept else None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        kept = asdict(value) if isinstance(value, DeliveryError) else value
        return super().get_db_prep_value(kept, connection, prepared)

    def value_to_string(self, obj: models.Model) -> Any:
        error = self.value_from_object(obj)
        return asdict(error) if error is not None else None
