"""What is new in a mail: the text without the quoted mail and without the signature, as a view, never as the record."""

from .alignment import beginning_like
from .cutter import new_text
from .marker import REPLY_MARKERS

__all__ = ["REPLY_MARKERS", "beginning_like", "new_text"]
