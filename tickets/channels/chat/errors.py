"""What a chat refuses, beyond the errors all channels share."""

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError


class Later(DomainError):
    """Storing did not work just now; the window sends the message again by itself."""

    code = "later"
    status = 503
    sentence = _("This could not be saved just now. It will be sent again automatically.")


class ChatClosed(DomainError):
    """The company has closed this channel."""

    code = "chat_closed"
    sentence = _("This chat is closed. Please write to us in another way.")


class SetAside(DomainError):
    """A message that is kept but could not be read into the conversation."""

    code = "set_aside"
    sentence = _("This message could not be delivered. Please rephrase it.")
