"""The chat keeps what every channel keeps."""

from uuid import UUID

from tests.cast import NOON
from tests.tickets.channels.contract import Sample, SideBySideContract
from tickets.channels.chat import conversation
from tickets.models import ChatSession
from tickets.platform import crypto


class TestChat(SideBySideContract):
    slug = "chat"

    def sample(self, cast, number=1):
        session, _made = ChatSession.objects.get_or_create(
            channel=cast.chat,
            token_digest=crypto.digest("a visitor"),
            defaults={"opened_at": NOON, "last_seen_at": NOON},
        )
        client_id = UUID(int=number)
        raw = conversation.build_document(session, client_id, f"Word {number}")
        return Sample(raw, f"{session.public_id}:{client_id}")
