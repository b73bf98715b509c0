"""What is new in a mail: the text without quoted mail and signature. A view: the whole text is the record."""

from tickets.channels.email.reply.alignment import beginning_like
from tickets.channels.email.reply.cutter import new_text
from tickets.channels.email.reply.marker import REPLY_MARKERS

__all__ = ["REPLY_MARKERS", "beginning_like", "new_text"]
