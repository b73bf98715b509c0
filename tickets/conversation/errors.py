"""What a person is asked to look at again before they reply."""

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError


class InChat(DomainError):
    """The customer came back to the chat, and a reply meant as a mail would end the conversation there."""

    code = "in_chat"
    sentence = _("The customer is in the chat again: your reply appears there. Check it, then send it.")
