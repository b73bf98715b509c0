"""What can stand in the way of a what-if trial, each with a sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.errors import Invalid

MOST_DAYS = 7
MOST_VARIANTS = 6  # with things as they are
MOST_REPETITIONS = 20
MOST_MORE = 50
MOST_ARRIVALS = 20_000
MOST_PEOPLE = 500

SENTENCES = {
    "no_days": gettext_lazy("Choose the first and the last day."),
    "bad_days": gettext_lazy("Choose days that have begun, the first before the last."),
    "too_many_days": gettext_lazy("Choose at most %(days)s days."),
    "no_queues": gettext_lazy("Choose queues that you supervise."),
    "no_repetitions": gettext_lazy("Choose 2 to %(repetitions)s repetitions."),
    "nothing_to_compare": gettext_lazy("Choose at least one thing to compare with the current setup."),
    "too_many_variants": gettext_lazy("Choose at most %(variants)s things to compare at a time."),
    "bad_variant": gettext_lazy("Choose from the list what to compare."),
    "invented": gettext_lazy(
        "An invented day knows neither your people nor your slots. Choose the recorded days for that."
    ),
    "no_version": gettext_lazy("There is no such version of the rules."),
    "no_numbers": gettext_lazy("The values cannot be read. Enter them again under Routing rules."),
    "no_more": gettext_lazy("Enter how many people more or fewer: 1 to %(more)s."),
    "no_hours": gettext_lazy("Enter start and end, for example 09:00 to 12:00."),
    "no_person": gettext_lazy("Choose somebody of your queues."),
    "no_slot": gettext_lazy("This slot is full, gone, or lies in other days. Choose another one."),
    "too_many_waiting": gettext_lazy("Some trials are already running. Wait for one of them, or stop one."),
    "nothing_came": gettext_lazy("Nothing was received on these days. Choose others."),
    "too_much_came": gettext_lazy(
        "More than %(arrivals)s requests came in these days. Choose fewer days or queues."
    ),
    "nobody_there": gettext_lazy(
        "Nobody is known to have worked in these days: no shift, no presence, no answer."
    ),
    "too_many_people": gettext_lazy("More than %(people)s people work in these queues. Choose fewer queues."),
    "interrupted": gettext_lazy("It was interrupted several times. Try again, with fewer days or variants."),
    "ended": gettext_lazy("The simulation stopped unexpectedly. Choose fewer days and try again."),
    "too_long": gettext_lazy("It took too long. Choose fewer days, queues or variants."),
    "broken": gettext_lazy("Something went wrong on our side. Try again."),
}
NUMBERS = {
    "days": MOST_DAYS,
    "variants": MOST_VARIANTS - 1,
    "repetitions": MOST_REPETITIONS,
    "more": MOST_MORE,
    "arrivals": MOST_ARRIVALS,
    "people": MOST_PEOPLE,
}


def make_refusal(code: str) -> Invalid:
    """Return the Invalid error for a code, to be raised."""
    return Invalid(describe_problem(code), code=code)


def describe_problem(code: str) -> str:
    """Return the sentence for the reader, in the active language."""
    text = SENTENCES.get(code)
    return str(text) % NUMBERS if text is not None else _("Something in what was sent is missing or wrong.")
