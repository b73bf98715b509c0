"""Errors that a person can act on. helpdesk.errors (pages) and tickets.api.errors (API) answer `status`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An operation was refused.

    `code` is stable, for programs; `sentence` tells a person what to do; `status` is the HTTP status.
    """

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
    """The object does not exist, or the actor may not know that it does."""

    code = "not_found"
    status = 404
    sentence = _("This does not exist, or you may not see it.")


class Invalid(DomainError):
    """The input is missing or wrong; the sentence says how to correct it."""

    code = "invalid"
    status = 400
    sentence = _("Something in what was sent is missing or wrong.")


class WrongState(DomainError):
    """The ticket's state does not allow this step."""

    code = "wrong_state"
    sentence = _("The ticket's state does not allow this. Reload to see what changed.")


class Stale(DomainError):
    """Somebody else changed the object since it was read."""

    code = "stale"
    sentence = _("Somebody changed this while you were writing. Check what is new, then send again.")


class TooMany(DomainError):
    """A rate limit was exceeded."""

    code = "too_many"
    status = 429
    sentence = _("Too many requests. Please wait a little, then try again.")


class TooLarge(DomainError):
    """The input is larger than the limit."""

    code = "too_large"
    status = 413
    sentence = _("This is too large. Please send less, or in several parts.")
