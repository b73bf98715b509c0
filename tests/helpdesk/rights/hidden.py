"""A queue that hardly anybody sees, with a row of every kind behind it, and texts that must never appear.

Zora works there alone, and Zita supervises. Hugo helps out in the queues of the cast and sees no addresses;
Nina works in refunds alone. `CANARY` stands in every name, subject, note, place and address of a hidden row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test import Client

from routing.dispatch import run
from routing.models import (
    Agent,
    Alert,
    OnCall,
    QueueRules,
    QueueSkill,
    Shift,
    Skill,
    Slot,
    SlotBooking,
    Surge,
    SurgeAsk,
    SurgePlan,
    Trial,
)
from routing.models.shift import Leave
from tests import make
from tests.helpdesk.rights.world import World, file_in, kept, span
from tests.routing.scene import callback, offer_of, there
from tickets.actor import SYSTEM, Actor
from tickets.api import keys
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import details
from tickets.desk.access import Desk
from tickets.desk.writing import drafts
from tickets.intake import ledger
from tickets.models import (
    ApiKey,
    Attachment,
    Call,
    Channel,
    ChatSession,
    Customer,
    Draft,
    Identity,
    Macro,
    Mailbox,
    MailText,
    Message,
    Organisation,
    Outbound,
    Participant,
    Queue,
    QueueMembership,
    Signature,
    Ticket,
)

CANARY = "zqcanary"
ADDRESS, SECOND = f"zoe@{CANARY}.example", f"private@{CANARY}.example"
NUMBER, SECOND_NUMBER = "+33698765432", "+33687654321"
STAFF = ("alice", "hugo", "nina", "carol", "admin")
EVERYBODY = ("visitor", "dana", *STAFF)
OURS = ("tickets", "routing", "metrics")


@dataclass
class Hidden:
    """What nobody of `EVERYBODY` but the administrator may meet.

    `pairs` gives for each kind what names a hidden row and what names none.
    """

    pairs: dict[str, tuple[str, str]]
    ticket: Ticket
    customer: Customer
    roots: dict[type[models.Model], list[Any]]

    def texts(self, given: str = "") -> list[str]:
        """Return what must not appear in an answer to somebody who has typed `given` themselves."""
        digits = ["98765432", "98 76 54 32", "87654321", "87 65 43 21"]
        return [CANARY, *(text for text in digits if text.replace(" ", "") not in given.replace(" ", ""))]

    def fingerprint(self) -> dict[str, str]:
        """Return a digest of the hidden rows, and of all that hangs on them, by table."""
        statements = []
        for model in [m for app in OURS for m in apps.get_app_config(app).get_models()]:
            ways = [f'"{name}" IN ({_listed(keys)})' for name, keys in self._ways(model) if keys]
            if ways:
                table, key = model._meta.db_table, model._meta.pk.column
                statements.append(
                    f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t.\"{key}\"))"
                    f' FROM "{table}" t WHERE {" OR ".join(ways)}'
                )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements))
            return dict(cursor.fetchall())

    def _ways(self, model: type[models.Model]) -> Iterable[tuple[str, list[Any]]]:
        yield model._meta.pk.column, self.roots.get(model, [])
        for field in model._meta.concrete_fields:
            if isinstance(field.remote_field, models.ManyToOneRel):
                yield field.column, self.roots.get(field.related_model, [])


def build(world: World) -> Hidden:
    """Hide a queue beside a world, and bring Hugo and Nina into it."""
    cast, now = world.cast, database_now()
    queue = Queue.objects.get(slug="legal")
    people: dict[str, Any] = {}
    for name, of, role, helps in (
        ("zora", queue, "agent", False),
        ("zita", queue, "supervisor", False),
        ("hugo", cast.orders, "agent", True),
        ("nina", cast.refunds, "agent", False),
    ):
        user = make.user(name if of is not queue else f"{name}.{CANARY}")
        QueueMembership.objects.create(user=user, queue=of, role=role, hides_personal_data=helps)
        people[name] = user
    make.channel("email", cast.refunds, address="refunds@demo.example")
    for name in ("hugo", "nina"):
        world.cookies[name] = _cookies(people[name])
        scopes = [scope for scope, _label in ApiKey.Scope.choices]
        world.keys[name] = keys.create_key(people[name], "rights", scopes, by=cast.acting("admin"), now=now)[
            1
        ]
    return _Making(world, queue, people, now).all()


@dataclass
class _Making:
    """The making of the hidden rows."""

    world: World
    queue: Queue
    people: dict[str, Any]
    now: datetime

    def all(self) -> Hidden:
        now, queue, zora_herself = self.now, self.queue, self.people["zora"]
        zita = Actor.for_user(self.people["zita"])
        channels = {slug: make.channel(slug, queue) for slug in ("web", "chat", "phone")}
        channels["email"] = make.channel(
            "email", queue, address="office@legal.example"
        )  # everybody may know it
        customer = self._customer()
        zora = there(zora_herself, now)
        ticket = self._ticket(channels["web"], customer, "Broken")
        offered = self._offered(channels, customer)
        ticket.set_assignee(zora_herself, by=zita, now=now, data={"reason": "rights"})
        sent = replies.reply(ticket, Words(f"{CANARY} reply"), by=Actor.for_user(zora_herself), now=now)
        Outbound.objects.filter(message=sent).update(state=Outbound.State.FAILED)
        raw = f"From: {ADDRESS}\r\nSubject: {CANARY}\r\n\r\n\0".encode()
        aside, _new = ledger.keep_raw(channels["email"], raw, source_key="hidden", now=now)
        kept(channels["email"], f"{CANARY} <{ADDRESS}>", f"I am away, {CANARY}.", now)
        ledger.quarantine(aside, rule="defect", why=f"Too many {CANARY}.", now=now)
        slot = Slot.objects.create(queue=queue, during=span(now, 1), note=CANARY)
        surge = Surge.objects.create(queue=queue, began_at=now, wait_seconds=4000)
        call = self._call(channels["phone"], ticket, customer)
        callback(ticket, now)
        self._settings(zora)
        asked = {"surge": surge, "agent": zora, "asked_at": now, "expires_at": now + timedelta(hours=1)}
        rows = {
            "ticket": ticket,
            "customer": customer,
            "queue": queue,
            "channel": channels["email"],
            "user": zora_herself,
            "agent": zora,
            "identity": customer.identities.get(value=SECOND),
            "participant": self._stranger(ticket),
            "inbound": aside,
            "outbound": Outbound.objects.get(message=sent),
            "offer": offered,
            "leave": Leave.objects.create(agent=zora, during=span(now, 9), note=CANARY),
            "slot": slot,
            "booking": SlotBooking.objects.create(slot=slot, agent=zora, asked_at=now),
            "ask": SurgeAsk.objects.create(**asked),
            "alert": Alert.objects.create(kind=Alert.Kind.SURGE, queue=queue, at=now),
            "trial": self._trial(),
            "mailbox": Mailbox.objects.create(channel=channels["email"]),
        }
        texts = {
            "ticket_public": (ticket.public_id, "zzzzzzzzzzzzzz"),
            "customer_public": (customer.public_id, "zzzzzzzzzzzzzz"),
            "queue_slug": (queue.slug, "nowhere"),
            "user_address": (zora_herself.email, "nobody@demo.example"),
            "file": (self._sent_file(ticket), "zzzzzzzzzzzzzz"),
            "draft_file": (self._drafted_file(ticket), "zzzzzzzzzzzzzz"),
            "domain": ("legal.example", "absent.example"),
            "address": (ADDRESS, "zoe@absent.example"),  # alike in what avatars and masks show
            "number": (NUMBER, "+33644332232"),
            "name": (f"{CANARY} zoe", "absent person"),
            "words": (f"{CANARY} broken", "absent words"),
        }
        pairs = {kind: (str(row.pk), str(row.pk + 900_000)) for kind, row in rows.items()}
        roots: dict[type[models.Model], list[Any]] = {}
        tickets = Ticket.objects.filter(queue=queue)
        said, begun = Message.objects.filter(ticket__in=tickets), Draft.objects.filter(ticket__in=tickets)
        for row in (*rows.values(), *channels.values(), *tickets, *said, *begun, surge, call):
            if not isinstance(row, type(zora_herself)):
                roots.setdefault(type(row), []).append(row.pk)
        return Hidden(pairs | texts, ticket, customer, roots)

    def _settings(self, agent: Agent) -> None:
        """Set up everything that a queue may have in the settings."""
        queue = self.queue
        Macro.objects.create(queue=queue, name_en=CANARY, text_en=CANARY)
        Signature.objects.create(queue=queue, language="en", text=CANARY)
        MailText.objects.create(queue=queue, kind="ack", language="en", text=CANARY)
        Shift.objects.create(agent=agent, during=span(self.now, 3))
        OnCall.objects.create(queue=queue, agent=agent, during=span(self.now, 4))
        SurgePlan.objects.create(queue=queue)
        QueueRules.objects.create(queue=queue)
        skill = Skill.objects.create(slug="latin", name_en="Latin", name_fr="Latin")
        QueueSkill.objects.create(queue=queue, skill=skill)

    def _customer(self) -> Customer:
        person = make.customer(f"Zoe {CANARY}", ADDRESS, phone=NUMBER)
        for kind, value in (("email", SECOND), ("phone", SECOND_NUMBER)):
            Identity.objects.create(customer=person, kind=kind, value=value, created_at=self.now)
        Identity.objects.filter(customer=person).update(verified_at=self.now, verified_how="channel")
        house = Organisation.objects.create(name=f"House {CANARY}")
        Customer.objects.filter(pk=person.pk).update(organisation=house)
        known = {"place": f"Place {CANARY}", "notes": f"Notes {CANARY}", "time_zone": f"Zone {CANARY}"}
        details.save_details(person, self.queue, known, by=SYSTEM, now=self.now)
        person.refresh_from_db()
        return person

    def _ticket(self, web: Channel, person: Customer, word: str) -> Ticket:
        text = f"The {CANARY} is broken."
        return make.ticket(web, person, text, subject=f"{word} {CANARY}", now=self.now)

    def _offered(self, channels: dict[str, Channel], person: Customer) -> Any:
        ticket = self._ticket(channels["web"], person, "Chatted")
        ChatSession.objects.create(
            channel=channels["chat"], token_digest="hidden", ticket=ticket, name=CANARY, opened_at=self.now,
            last_seen_at=self.now,
        )  # fmt: skip
        run.run_pass(self.now)
        return offer_of(ticket)

    def _call(self, phone: Channel, ticket: Ticket, person: Customer) -> Call:
        return Call.objects.create(
            channel=phone, external_id="hidden", ticket=ticket, customer=person, direction="in",
            result="answered", customer_number=NUMBER, started_at=self.now, note=f"Note {CANARY}",
        )  # fmt: skip

    def _stranger(self, ticket: Ticket) -> Participant:
        person = make.customer(f"Stranger {CANARY}", f"stranger@{CANARY}.example")
        state = Participant.State.PENDING
        return Participant.objects.create(ticket=ticket, customer=person, state=state, created_at=self.now)

    def _trial(self) -> Trial:
        question = {"zone": "UTC", "repetitions": 2, "variants": [{"kind": "as_is"}]}
        days = {"first_day": self.now.date(), "last_day": self.now.date()}
        return Trial.objects.create(queues=[self.queue.pk], question=question, asked_at=self.now, **days)

    def _sent_file(self, ticket: Ticket) -> str:
        public_id = file_in(ticket, self.now)
        Attachment.objects.filter(public_id=public_id).update(name=f"{CANARY}.txt")
        return public_id

    def _drafted_file(self, ticket: Ticket) -> str:
        desk = Desk(Actor.for_user(self.people["zora"]), self.now, {}, frozenset())
        draft = drafts.save_draft(ticket, desk, kind="reply", text=f"Draft {CANARY}", seen_seq=1)
        upload = SimpleUploadedFile(f"{CANARY}.txt", b"a", "text/plain")
        return drafts.attach_files(draft, [upload], now=self.now)[0].public_id


def _cookies(user: Any) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _listed(keys: Iterable[Any]) -> str:
    return ", ".join(f"'{key}'" for key in keys)
