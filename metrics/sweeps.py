"""What of metrics happens even when no bell rings; helpdesk.runtime.sweep calls these."""

from metrics.facts import derive
from metrics.pages import wallboard
from metrics.surveys import inviting
from tickets.channels.base import Sweep

sweeps = (
    Sweep("facts", 2, lambda now: derive.refresh_facts(now=now)),
    Sweep("wall", 60, lambda now: wallboard.load_snapshot(now=now)),
    Sweep("survey invitations", 60, lambda now: inviting.invite_due(now=now)),
    Sweep("survey expiry", 600, lambda now: inviting.expire_due(now=now)),
)
