"""What the sweep does for the whole installation."""

from helpdesk.databases import limits
from tickets.channels.base import Sweep

sweeps = (Sweep("forget limits", 3600, limits.forget_expired),)
