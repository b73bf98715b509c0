"""A chat that is begun from a request's page: it belongs to that request, and to whom its link was mailed.

The page gives the chat's page a pass, good for some minutes. The session keeps by which link it came; when
that link ends, so does the chat.
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
    """Return the pass of a participant who was let in to their request's page by a standing link."""
    return signing.dumps([participant.pk, link.pk], salt=SALT)


def read_pass(text: str) -> tuple[Participant, AccessLink]:
    """Return whose pass this is, and the link they came by. Raises PassIsOver."""
    try:
        participant_id, link_id = signing.loads(text, salt=SALT, max_age=PASS_SECONDS)
        return find_standing(participant_id, link_id)
    except (signing.BadSignature, NotFound, ValueError, TypeError) as error:
        raise PassIsOver from error


def find_standing(participant_id: int, link_id: int) -> tuple[Participant, AccessLink]:
    """Return a participant and their link, if both still stand. Raises NotFound."""
    link = links.load_valid_link(pk=link_id)
    part = Participant.objects.accepted().select_related("ticket", "customer", "identity")
    participant = part.filter(pk=participant_id, ticket__is_spam=False).first()
    if participant is None:
        raise NotFound
    if link.participant_id not in (None, participant.pk) or link.identity_id not in (
        None,
        participant.identity_id,
    ):
        raise NotFound
    return participant, link
