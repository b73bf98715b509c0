"""Errors that a person can act on; one place (helpdesk.errors, tickets.api.errors) maps `status` to HTTP."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal with a stable `code` and a sentence that says what to do."""

    code = "refused"
    status = 409
    sentence: str | Promise = _("This cannot be done now.")

    def __init__(self, sentence: str | Promise | None = None, *, code: str | None = None) -> None:
        self.sentence = sentence or self.sentence
        self.code = code or self.code
        super().__init__(str(self.sentence))


class NotAllowed(DomainError):
    """The actor may not do this."""

    code = "not_allowed"
    status = 403
    sentence = _("You do not have the right to do this. Ask a supervisor of the queue.")


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know of it."""

    code = "not_found"
    status = 404
    sentence = _("This does not exist, or you may not see it.")


class Invalid(DomainError):
    """The input cannot be understood; the sentence says how to put it right."""

    code = "invalid"
    status = 400
    sentence = _("Something in what was sent is missing or wrong.")


class WrongState(DomainError):
    """The ticket's state does not allow this step."""

    code = "wrong_state"
    sentence = _("The ticket's state does not allow this. Reload to see what changed.")


class Stale(DomainError):
    """Somebody else changed the thing meanwhile."""

    code = "stale"
    sentence = _("Somebody changed this while you were writing. Check what is new, then send again.")


class TooMany(DomainError):
    """A rate limit was met."""

    code = "too_many"
    status = 429
    sentence = _("Too many requests. Please wait a little, then try again.")


class TooLarge(DomainError):
    """The input is larger than what is taken in."""

    code = "too_large"
    status = 413
    sentence = _("This is too large. Please send less, or in several parts.")
