"""Find the new text of a mail, without quoted mail and signature. The whole text is always stored too."""

from tickets.channels.email.reply.alignment import find_matching_start
from tickets.channels.email.reply.cutter import extract_new_text
from tickets.channels.email.reply.marker import REPLY_MARKERS

__all__ = ["REPLY_MARKERS", "extract_new_text", "find_matching_start"]
