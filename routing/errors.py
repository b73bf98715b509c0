"""Refusals of routing, each with a sentence that says what to do."""

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError, NotAllowed


class NotAssignable(DomainError):
    """The ticket cannot go to this person."""

    code = "not_assignable"
    sentence = _("This person cannot take the ticket now.")


class TakenMeanwhile(DomainError):
    """A colleague was quicker."""

    code = "taken"
    sentence = _("A colleague has just accepted this. There is nothing left for you to do.")


class OfferGone(DomainError):
    """The offer ran out or was taken back."""

    code = "offer_gone"
    sentence = _("This offer has expired, or somebody else has accepted it. There is nothing to do.")


class StillTalking(DomainError):
    """Somebody in a chat or a call cannot sign off."""

    code = "still_talking"
    sentence = _("You are still in a conversation. End it or hand it over, then go offline.")


class NotBookable(DomainError):
    """The slot cannot be booked by this person."""

    code = "not_bookable"
    sentence = _("This slot cannot be booked.")


class BadCalendar(DomainError):
    """A file is no calendar that can be read."""

    code = "bad_calendar"
    sentence = _("We cannot read this calendar. Export it as an iCalendar file (.ics) and try again.")


class NotAnAgent(NotAllowed):
    """The account has no part in routing."""

    code = "not_an_agent"
    sentence = _("Your account does not receive work. Ask a supervisor to add you to a queue.")
