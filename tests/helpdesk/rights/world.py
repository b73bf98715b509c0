"""One installation with something behind every address: Alice has Dana's ticket, Bob works beside her."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from routing.dispatch import run
from routing.models import Alert, Policy, Slot, SlotBooking, Surge, SurgeAsk, Trial
from routing.models.shift import Leave
from routing.workforce.agents import make_agent
from tests import make
from tests.cast import Cast
from tests.mails import mail
from tests.routing.scene import chat, offer_of, there
from tickets.api import keys
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import links
from tickets.desk.access import Desk
from tickets.desk.writing import drafts
from tickets.intake import ledger, receive
from tickets.models import (
    ApiKey,
    Article,
    Attachment,
    Channel,
    Mailbox,
    Notice,
    Outbound,
    Participant,
    Ticket,
)

PEOPLE = ("alice", "bob", "mallory", "carol", "admin")
CUSTOMERS = ("dana", "emile")
ROLES = ("visitor", *CUSTOMERS, *PEOPLE)


@dataclass
class World:
    """The cast, what the addresses name (`named`, by route where they differ), and a client for each role."""

    cast: Cast
    ticket: Ticket
    named: dict[str, Any]
    by_route: dict[str, dict[str, Any]]
    keys: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def enter(self, role: str) -> dict[str, str]:
        """Return the cookies of somebody's browser: signed in, or come by the link of their own request."""
        client = Client()
        if role in PEOPLE:
            client.force_login(getattr(self.cast, role))
        elif role in CUSTOMERS:
            customer = getattr(self.cast, role)
            own = Participant.objects.filter(customer=customer).order_by("pk").first()
            assert own is not None
            client.get(links.make_request_url(own, now=database_now()), follow=True)
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def arguments(self, route: str) -> dict[str, Any]:
        """Return what stands in the address of a route."""
        return {**self.named, "object_id": _first(route), **self.by_route.get(route, {})}


def build(cast: Cast) -> World:
    """Make the world."""
    now = database_now()
    ticket = make.ticket(cast.web, cast.dana, now=now)
    make.ticket(cast.web, cast.emile, now=now)
    alice, bob = there(cast.alice, now), make_agent(cast.bob, now=now)
    ticket.set_assignee(cast.alice, by=cast.acting("carol"), now=now, data={"reason": "rights"})
    message = ticket.messages.get()
    waiting = chat(cast, cast.emile, now)
    run.run_pass(now)
    offer = offer_of(waiting)
    slot = Slot.objects.create(queue=cast.orders, during=span(now, 1))
    surge = Surge.objects.create(queue=cast.orders, began_at=now, wait_seconds=4000)
    asked = {"surge": surge, "agent": alice, "asked_at": now, "expires_at": now + timedelta(hours=1)}
    named = {
        "number": ticket.pk,
        "seq": message.seq,
        "inbound_id": _set_aside(cast, now),
        "outbound_id": _failed(cast, now),
        "participant_id": _stranger(cast, ticket, now),
        "identity_id": cast.dana.identities.get().pk,
        "offer_id": offer.pk,
        "leave_id": Leave.objects.create(agent=alice, during=span(now, 9)).pk,
        "slot_id": slot.pk,
        "booking_id": SlotBooking.objects.create(slot=slot, agent=bob, asked_at=now).pk,
        "ask_id": SurgeAsk.objects.create(**asked).pk,
        "alert_id": Alert.objects.create(kind=Alert.Kind.SURGE, queue=cast.orders, at=now).pk,
        "trial_id": _trial(cast, now),
        "version": Policy.objects.order_by("version").values_list("version", flat=True).first() or 1,
        "pk": 0,
        "token": "forged",
        "uidb36": "1",
        "key": "forged",
        "path": "x",
        "content_type_id": 1,
        "surface": "desk",
        "domain": "demo.example",
        "mailbox_id": Mailbox.objects.create(channel=cast.mailbox).pk,
        "year": now.year,
        "month": now.month,
        "number_of_day": now.day,
        "mac": "forged",
        "public_id": ticket.public_id,
        "file_id": file_in(ticket, now),
        "app_label": "tickets",
        "url": "nowhere",
    }
    article = Article.objects.create(
        slug="lamps", name_en="Lamps", name_fr="Lampes", text_en="Send us a photo."
    )
    by_route = {
        "desk:file": {"public_id": named["file_id"]},
        "desk:choose": {"inbound_id": kept(cast.mailbox, "nora@field.example", "I am away.", now)},
        "desk:detach": {"public_id": _drafted(cast, ticket, now)},
        "desk:list": {"slug": f"queue-{cast.orders.pk}"},
        "metrics:metric": {"slug": "fcr"},
        "metrics:tickets": {"slug": "fcr"},
        "metrics_api:metric": {"slug": "fcr"},
        "metrics_api:metric_tickets": {"slug": "fcr"},
        "portal:article": {"slug": article.slug},
        "api:customer": {"public_id": cast.dana.public_id},
        "chat:status": {"key": cast.chat.key},
        "chat:file": {"key": cast.chat.key},
        "chat:frames": {"key": cast.chat.key},
        "webhook": {"slug": cast.phone.slug, "key": cast.phone.key},
        "email:webhook": {"key": cast.mailbox.key},
        "email:tracking": {"key": cast.mailbox.key},
    }
    world = World(cast, ticket, named, by_route)
    world.cookies = {role: world.enter(role) for role in ROLES}
    for name in PEOPLE:
        scopes = [scope for scope, _label in ApiKey.Scope.choices]
        user = getattr(cast, name)
        world.keys[name] = keys.create_key(user, "rights", scopes, by=cast.acting("admin"), now=now)[1]
    return world


def _trial(cast: Cast, now: datetime) -> int:
    asked = {"zone": "UTC", "repetitions": 2, "variants": [{"kind": "as_is"}]}
    days = {"first_day": now.date(), "last_day": now.date()}
    return Trial.objects.create(queues=[cast.orders.pk], question=asked, asked_at=now, **days).pk


def _first(route: str) -> str:
    """Return the key of the first row that a page of the settings is about, or 0."""
    area, _colon, rest = route.partition(":")
    parts = rest.split("_")
    if area != "admin" or len(parts) != 3 or parts[0] not in ("accounts", "metrics", "routing", "tickets"):
        return "0"
    row = apps.get_model(parts[0], parts[1])._base_manager.order_by("pk").first()
    return str(row.pk) if row else "0"


def span(now: datetime, days: int) -> DateTimeTZRange:
    start = now + timedelta(days=days)
    return DateTimeTZRange(start, start + timedelta(hours=4))


def _set_aside(cast: Cast, now: datetime) -> int:
    kept, _new = ledger.keep_raw(cast.mailbox, b"Subject: x\r\n\r\n\x00", source_key="rights", now=now)
    ledger.quarantine(kept, rule="defect", why="Too many parts.", now=now)
    return kept.pk


def kept(channel: Channel, sender: str, text: str, now: datetime) -> int:
    """Return the number of an absence notice that came to a mailbox and belongs to no ticket."""
    raw = mail(
        sender, text, to=channel.address, subject=f"Automatic reply: {text}", Auto_Submitted="auto-replied"
    )
    row, _new = mailroom.accept(raw, recipients=[channel.address], now=now)
    receive.process(row.pk, now=now)
    assert Notice.objects.filter(pk=row.pk).exists()
    return row.pk


def _failed(cast: Cast, now: datetime) -> int:
    ticket = make.ticket(cast.web, cast.dana, subject="Another", now=now)
    message = replies.reply(ticket, Words("It is on its way."), by=cast.acting("alice"), now=now)
    Outbound.objects.filter(message=message).update(state=Outbound.State.FAILED)
    return Outbound.objects.get(message=message).pk


def _stranger(cast: Cast, ticket: Ticket, now: datetime) -> int:
    person = make.customer("Nobody Known", "nobody@stranger.example")
    state = Participant.State.PENDING
    return Participant.objects.create(ticket=ticket, customer=person, state=state, created_at=now).pk


def file_in(ticket: Ticket, now: datetime) -> str:
    upload = SimpleUploadedFile("plan.txt", b"plan", "text/plain")
    draft = ticket.drafts.create(user=ticket.assignee, kind="note", text="", seen_seq=1, updated_at=now)
    (file,) = drafts.attach_files(draft, [upload], now=now)
    Attachment.objects.filter(pk=file.pk).update(message=ticket.messages.order_by("seq")[0], draft=None)
    return file.public_id


def _drafted(cast: Cast, ticket: Ticket, now: datetime) -> str:
    desk = Desk(cast.acting("alice"), now, {}, frozenset())
    draft = drafts.save_draft(ticket, desk, kind="reply", text="Soon", seen_seq=1)
    return drafts.attach_files(draft, [SimpleUploadedFile("a.txt", b"a", "text/plain")], now=now)[0].public_id
