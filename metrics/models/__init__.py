"""What happened: facts derived from events, how fresh they are, and surveys."""

from metrics.models.fact import FactContact, FactIssue, FactPromise, FactTicket, FactWaitSegment
from metrics.models.survey import Survey, SurveyOptOut
from metrics.models.wall import WallSnapshot
from metrics.models.watermark import Watermark

__all__ = [
    "FactContact",
    "FactIssue",
    "FactPromise",
    "FactTicket",
    "FactWaitSegment",
    "Survey",
    "SurveyOptOut",
    "WallSnapshot",
    "Watermark",
]
