"""A notice: what an automatic mail says, as one frozen value."""

from dataclasses import dataclass

QUOTED = 160  # characters of a notice's text that are quoted at most


@dataclass(frozen=True, slots=True)
class Notice:
    """The content of an automatic mail that needs no answer. Pages make a sentence of it.

    - `kind`: receipt, absence, answer, appointment, delay, delivered or list.
    - `what`: the receipt's disposition, the appointment's answer, the report's action, or the meaning of an
      absence's date ("back", "until").
    - `date`: an ISO moment; for an absence "YYYY-MM-DD", or "MM-DD" if the notice gives no year.
    - `quote`: words from the notice. `addresses`: the addresses that it is about.
    - `sign`: the header by which it was recognised, not translated.
    """

    kind: str
    what: str = ""
    date: str = ""
    quote: str = ""
    addresses: tuple[str, ...] = ()
    sign: str = ""
