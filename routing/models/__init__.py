"""Who takes it: agents and what they can, when they work, what waits, and every decision made about it."""

from routing.models.agent import Agent
from routing.models.alert import Alert
from routing.models.decision import Decision
from routing.models.fairness import HardMark, WorkDay
from routing.models.offer import Offer
from routing.models.policy import Policy
from routing.models.presence import Presence, PresenceSpan
from routing.models.queue_rules import QueueRules
from routing.models.recording import Recording
from routing.models.relationship import Relationship, RelationshipMark
from routing.models.roster_change import RosterChange
from routing.models.shift import Leave, Shift, ShiftPattern
from routing.models.skill import AgentSkill, QueueSkill, Skill
from routing.models.slot import Slot, SlotBooking
from routing.models.surge import OnCall, Surge, SurgeAsk, SurgePlan
from routing.models.trial import Trial
from routing.models.wait import QueueWait
from routing.models.wait_choice import WaitChoice
from routing.models.workitem import WorkItem

__all__ = [
    "Agent",
    "AgentSkill",
    "Alert",
    "Decision",
    "HardMark",
    "Leave",
    "Offer",
    "OnCall",
    "Policy",
    "Presence",
    "PresenceSpan",
    "QueueRules",
    "QueueSkill",
    "QueueWait",
    "Recording",
    "Relationship",
    "RelationshipMark",
    "RosterChange",
    "Shift",
    "ShiftPattern",
    "Skill",
    "Slot",
    "SlotBooking",
    "Surge",
    "SurgeAsk",
    "SurgePlan",
    "Trial",
    "WaitChoice",
    "WorkDay",
    "WorkItem",
]
