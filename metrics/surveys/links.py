"""The two links of a survey mail: one answers, one unsubscribes. Neither is stored."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from metrics.models import Survey
from tickets.platform import crypto

LENGTH = 40  # base32 characters: 200 bits
SHORT = 26


def make_token(survey: Survey) -> str:
    """Return the token that answers a survey, derived from its row and the installation's key."""
    return crypto.mac("survey", f"{survey.public_id}|{survey.created_at.isoformat()}", length=LENGTH)


def answer_url(survey: Survey) -> str:
    """Return the full address of the survey's page, as the mail carries it.

    After a change of the installation's key the link that is mailed from now on is the one that works.
    """
    present = make_token(survey)
    digest = crypto.digest(present)
    if digest != survey.digest:
        Survey.objects.filter(pk=survey.pk).update(digest=digest)
    return settings.PUBLIC_URL + reverse("survey:answer", args=[present])


def unsubscribe_url(survey: Survey) -> str:
    """Return the full address that ends surveys for this customer; it opens nothing else."""
    mac = crypto.mac("survey-off", survey.public_id, length=SHORT)
    return settings.PUBLIC_URL + reverse("survey:unsubscribe", args=[survey.public_id, mac])


def may_unsubscribe(public_id: str, mac: str) -> bool:
    """Tell whether an unsubscribing link is one of ours."""
    return crypto.mac_matches("survey-off", public_id, mac, length=SHORT)
