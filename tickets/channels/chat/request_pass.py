"""The pass with which a request's page opens a chat that belongs to the request and its participant.

The page puts the pass, valid for ten minutes, into the chat's URL. The session stores the link by which the
participant came; the chat ends when that link is revoked or expires.
"""

from __future__ import annotations

from django.core import signing

from tickets.channels.chat.errors import PassIsOver
from tickets.customers import links
from tickets.errors import NotFound
from tickets.models import AccessLink, Participant

PASS_SECONDS = 600
SALT = "tandem.chat.request"


def make_pass(participant: Participant, link: AccessLink) -> str:
    """Return a signed pass for a participant who opened their request's page by a valid link."""
    return signing.dumps([participant.pk, link.pk], salt=SALT)


def read_pass(text: str) -> tuple[Participant, AccessLink]:
    """Return the participant and the link of a pass. Raises PassIsOver if it is expired or not genuine."""
    try:
        participant_id, link_id = signing.loads(text, salt=SALT, max_age=PASS_SECONDS)
        return find_valid_link(participant_id, link_id)
    except (signing.BadSignature, NotFound, ValueError, TypeError) as error:
        raise PassIsOver from error


def find_valid_link(participant_id: int, link_id: int) -> tuple[Participant, AccessLink]:
    """Return a participant and their link. Raises NotFound if either is no longer valid."""
    link = links.load_valid_link(pk=link_id)
    accepted = Participant.objects.accepted().select_related("ticket", "customer", "identity")
    participant = accepted.filter(pk=participant_id, ticket__is_spam=False).first()
    if participant is None:
        raise NotFound
    if link.participant_id not in (None, participant.pk) or link.identity_id not in (
        None,
        participant.identity_id,
    ):
        raise NotFound
    return participant, link
