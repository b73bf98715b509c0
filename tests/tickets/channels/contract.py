"""What every channel keeps, whatever it speaks: derive from one of the two classes and give samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.db import connection

from tests.cast import Cast
from tickets.channels.base import Adapter
from tickets.channels.registry import adapters
from tickets.intake import ledger, receive
from tickets.models import Channel, Inbound, Message

ENDED = {"attached", "opened", "pending", "ignored", "quarantined"}
GARBAGE = [
    b"", b"\x00", b"\xff\xfe\xfa", b"null", b"[]", b"{}", b'"text"', b"{" * 500, b"[" * 100_000, b"a=b&c",
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One real thing of a channel, as it arrives: its raw bytes, key and envelope."""

    raw: bytes
    key: str
    envelope: dict[str, Any] = field(default_factory=dict)


class ChannelContract:
    """Tests that hold for every channel. A channel's own class says its slug and gives samples."""

    slug: ClassVar[str]

    def sample(self, cast: Cast, number: int = 1) -> Sample:
        """Return a thing that opens or joins a ticket; another number gives another thing."""
        raise NotImplementedError

    def channel(self, cast: Cast) -> Channel:
        """Return the cast's channel of this kind."""
        found: Channel = getattr(cast, {"email": "mailbox"}.get(self.slug, self.slug))
        return found

    @property
    def adapter(self) -> Adapter:
        return adapters()[self.slug]

    def take(self, cast: Cast, sample: Sample, now: Any) -> receive.Outcome:
        return receive.receive(
            self.channel(cast), sample.raw, source_key=sample.key, now=now, envelope=sample.envelope
        )

    def test_adapter_is_found_by_its_folder(self) -> None:
        assert self.adapter.slug == self.slug
        assert str(self.adapter.label)

    def test_what_arrives_is_kept_raw_and_ends_with_a_reason(self, cast, now) -> None:
        sample = self.sample(cast)
        outcome = self.take(cast, sample, now)
        row = Inbound.objects.get()
        assert bytes(row.raw.data) == sample.raw
        assert row.state in ENDED
        assert outcome.state == row.state
        assert row.why
        assert row.processed_at is not None

    def test_same_thing_twice_is_one_message(self, cast, now) -> None:
        first = self.take(cast, self.sample(cast), now)
        before = Message.objects.count()
        second = self.take(cast, self.sample(cast), now)
        assert (first.state, first.ticket, first.message) == (second.state, second.ticket, second.message)
        assert Inbound.objects.count() == 1
        assert Message.objects.count() == before

    def test_two_things_are_two_rows(self, cast, now) -> None:
        for number in (1, 2):
            self.take(cast, self.sample(cast, number), now)
        assert Inbound.objects.count() == 2

    def test_reading_a_row_again_changes_nothing(self, cast, now) -> None:
        self.take(cast, self.sample(cast), now)
        before = list(Message.objects.values_list("pk", "text", "seq"))
        receive.process(Inbound.objects.get().pk, now=now)
        assert receive.process_due(now=now) == 0
        assert list(Message.objects.values_list("pk", "text", "seq")) == before

    @pytest.mark.parametrize("raw", GARBAGE)
    def test_garbage_waits_for_a_person_and_raises_nothing(self, cast, now, raw) -> None:
        envelope = self.sample(cast).envelope
        outcome = receive.receive(self.channel(cast), raw, source_key="g", now=now, envelope=envelope)
        assert outcome.state in ENDED
        assert bytes(Inbound.objects.get().raw.data) == raw


class SideBySideContract(ChannelContract):
    """The same with several processes at once; one class a channel is enough, its tests are slow."""

    @pytest.mark.django_db(transaction=True)
    def test_two_readers_side_by_side_read_a_row_once(self, cast, now) -> None:
        sample = self.sample(cast)
        row, _ = ledger.keep_raw(
            self.channel(cast), sample.raw, source_key=sample.key, now=now, envelope=sample.envelope
        )
        with ThreadPoolExecutor(4) as readers:
            list(readers.map(lambda _: _read(row.pk, now), range(4)))
        row.refresh_from_db()
        assert row.state in ENDED
        assert row.messages.count() <= 1


def _read(row_id: int, now: Any) -> None:
    try:
        receive.process(row_id, now=now)
    finally:
        connection.close()
