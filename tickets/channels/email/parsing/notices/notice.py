"""A notice: one frozen value that says what a machine's mail says."""

from dataclasses import dataclass

QUOTED = 160  # characters of a notice's own words


@dataclass(frozen=True, slots=True)
class Notice:
    """What a machine said that nobody has to answer, from which pages make a sentence.

    `kind` is receipt, absence, answer, appointment, delay, delivered or list. `what` is the receipt's
    disposition, the appointment's answer, the report's action, or how the date of an absence is meant
    ("back", "until"). `date` is an ISO moment, for an absence "MM-DD" or "YYYY-MM-DD" as far as it is said.
    `quote` are words of the notice, `addresses` those that it is about. `sign` is how it was known, in no
    language.
    """

    kind: str
    what: str = ""
    date: str = ""
    quote: str = ""
    addresses: tuple[str, ...] = ()
    sign: str = ""
