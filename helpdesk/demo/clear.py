"""Remove the demonstration's rows; keep everything that anybody else has written or set up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import ProtectedError, Q

from helpdesk.demo.people import MOTIVES, QUEUES, SKILLS
from helpdesk.demo.shop import CALENDAR, COMPANY, DOMAIN
from helpdesk.demo.texts import ARTICLES, MACROS, SIGNATURE
from helpdesk.demo.texts import COMPANY as WORKSHOP
from metrics.facts import derive
from routing.assigning import reclaim
from routing.models import Agent, Skill
from tickets import events
from tickets.actor import SYSTEM
from tickets.errors import DomainError
from tickets.models import (
    Article,
    Attachment,
    Calendar,
    Call,
    Channel,
    ChatSession,
    Company,
    Customer,
    Event,
    Inbound,
    Macro,
    Motive,
    Organisation,
    Queue,
    QueueMembership,
    SentMail,
    Signature,
    Ticket,
)
from tickets.queries.sealing import lift_event_guard

User: Any = get_user_model()


class NoOtherAdministrator(DomainError):
    """Nobody could administrate what stays."""

    code = "no_other_administrator"
    status = 409
    sentence = (
        "People of yours have accounts here, and the demonstration's administrator is the only one. "
        "Make one of them an administrator first, then run this again."
    )


@dataclass
class Cleared:
    """What went, in counts, and what stays because something else needs it, in words."""

    tickets: int = 0
    customers: int = 0
    people: int = 0
    stays: list[str] = field(default_factory=list)


def clear_demo(*, now: datetime) -> Cleared:
    """Remove the demonstration in one transaction. Expects the role that owns the schema.

    Its customers go with their tickets; its people, queues, channels and texts go unless somebody else's
    ticket, account or change needs them: then people are switched off, and things stay as they are.
    Audit events stay, since nobody may change them; they lose the ticket they were about.

    Raises NoOtherAdministrator.
    """
    others = User.objects.filter(is_demo=False)
    if others.exists() and not others.filter(is_superuser=True, is_active=True).exists():
        raise NoOtherAdministrator
    done = Cleared()
    with transaction.atomic():
        customers = list(Customer.objects.filter(is_demo=True).values_list("pk", flat=True))
        people = list(User.objects.filter(is_demo=True).values_list("pk", flat=True))
        tickets = list(Ticket.objects.filter(customer__in=customers).values_list("pk", flat=True))
        _forget_events(tickets, customers, people)
        done.tickets = _remove_tickets(tickets, customers)
        Customer.objects.filter(pk__in=customers).update(merged_into=None)
        done.customers = _remove(Customer.objects.filter(pk__in=customers), done.stays)
        done.people = _remove_people(people, done.stays, now=now)
        _remove_ground(done.stays)
        data = {"model": "helpdesk.demo", "id": "", "fields": ["removed"]}
        events.record("config.changed", by=SYSTEM, at=now, data=data)
        derive.rebuild_facts(now=now)
    return done


def _forget_events(tickets: Sequence[int], customers: Sequence[int], people: Sequence[int]) -> None:
    """Delete the events of the demonstration; the trigger that protects the log is disabled meanwhile."""
    about = Q(ticket__in=tickets)
    about |= Q(ticket=None, kind="agent.state", data__user__in=people)
    about |= Q(ticket=None, kind="identity.added", data__customer__in=customers)
    received = list(Inbound.objects.filter(envelope__demo=True).values_list("pk", flat=True))
    about |= Q(ticket=None, kind__in=("inbound.quarantined", "inbound.kept"), data__inbound__in=received)
    with lift_event_guard():
        of_tickets = Event.objects.filter(ticket__in=tickets)
        of_tickets.filter(is_audit=True).update(ticket=None)
        Event.objects.filter(about, is_audit=False).delete()


def _remove_tickets(tickets: Sequence[int], customers: Sequence[int]) -> int:
    theirs = Q(ticket__in=tickets)
    files = list(Attachment.objects.filter(message__ticket__in=tickets).values_list("key", flat=True))
    Call.objects.filter(theirs | Q(customer__in=customers)).delete()
    ChatSession.objects.filter(theirs).delete()
    Inbound.objects.filter(theirs | Q(envelope__demo=True)).delete()
    Ticket.objects.filter(merged_into__in=tickets).update(merged_into=None)
    Ticket.objects.filter(pk__in=tickets).delete()
    for mail in SentMail.objects.defer("raw", "html", "text"):
        if all(str(address).endswith(".example") for address in mail.recipients):
            mail.delete()
    transaction.on_commit(partial(_remove_files, files))
    return len(tickets)


def _remove_files(keys: Iterable[str]) -> None:
    still_used = set(Attachment.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in set(keys) - still_used:
        default_storage.delete(key)


def _remove_people(people: Sequence[int], stays: list[str], *, now: datetime) -> int:
    """Delete the demo accounts, or deactivate those that have answered a real customer."""
    held = Ticket.objects.filter(assignee__in=people).values_list("pk", flat=True)
    reclaim.return_tickets(list(held), reason="gone", now=now)
    agents = Agent.objects.filter(user__in=people)
    agents.update(is_active=False)
    for agent in agents:
        agent.work_items.update(state="waiting", agent=None, given_at=None)
    QueueMembership.objects.filter(user__in=people).delete()
    kept: list[str] = []
    count = _remove(User.objects.filter(pk__in=people), kept)
    for user in User.objects.filter(pk__in=people):
        user.set_unusable_password()
        user.is_active = user.is_superuser = False
        user.save(update_fields=["password", "is_active", "is_superuser"])
    stays += [f"{name} (switched off)" for name in kept]
    return count


def _remove_ground(stays: list[str]) -> None:
    """Remove the demonstration's settings that nobody uses and nobody has changed."""
    queues = Queue.objects.filter(slug__in=[slug for slug, *_rest in QUEUES])
    used = queues.filter(memberships__isnull=False).values("pk")
    doors = Q(address__in=[f"support@{DOMAIN}", f"aide@{DOMAIN}"]) | Q(
        address="", slug__in=("web", "chat", "phone"), queue__in=queues
    )
    ours: list[models.QuerySet[Any]] = [
        Channel.objects.filter(doors).exclude(queue__in=used),
        queues.exclude(pk__in=used),
        Calendar.objects.filter(name=CALENDAR),
        Motive.objects.filter(slug__in=[slug for slug, *_rest in MOTIVES]),
        Skill.objects.filter(slug__in=[slug for slug, *_rest in SKILLS], agents=None, queues=None),
        Organisation.objects.filter(name=WORKSHOP, customers=None),
        Article.objects.filter(text_en__in=[text for *_names, text, _french in ARTICLES]),
        Macro.objects.filter(text_en__in=[text for *_names, text, _french in MACROS]),
        Signature.objects.filter(text=SIGNATURE),
        Company.objects.filter(name=COMPANY),
    ]
    for rows in ours:
        _remove(rows, stays)
    stays += [str(queue) for queue in queues.filter(pk__in=used)]


def _remove(rows: models.QuerySet[Any], stays: list[str]) -> int:
    """Delete rows one by one; name those that something else still needs. Return how many went."""
    count = 0
    for row in rows:
        name = str(row)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            stays.append(name)
        else:
            count += 1
    return count
