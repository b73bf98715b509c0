"""Errors that ask an agent to check a reply again before it is sent."""

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError


class InChat(DomainError):
    """The customer returned to the chat: a reply written as a mail would solve the ticket in the chat."""

    code = "in_chat"
    sentence = _("The customer is in the chat again: your reply appears there. Check it, then send it.")
