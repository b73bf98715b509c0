"""The demonstration's shop: company, hours, queues, channels, people with their skills and shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from helpdesk.demo import logins
from helpdesk.demo.people import (
    CUSTOMERS,
    MOTIVES,
    PLACES,
    QUEUES,
    SKILLS,
    WORKERS,
    Worker,
    customer_address,
    customer_phone,
)
from helpdesk.demo.texts import write_notes, write_texts
from routing.models import Agent, AgentSkill, QueueSkill, ShiftPattern, Skill
from routing.workforce import agents as people
from routing.workforce import shifts
from tickets.hours import opening_hours
from tickets.models import (
    Calendar,
    Channel,
    Company,
    Customer,
    CustomerDetails,
    Identity,
    Motive,
    OpeningRule,
    Queue,
    QueueMembership,
    SlaPolicy,
)

DOMAIN = "demo.example"
COMPANY = "Tandem Furniture"
CALENDAR = "Monday to Saturday"
SHARES_A_PHONE = 12  # with the next customer of the same language


@dataclass(frozen=True)
class Shop:
    """What the stories happen on."""

    queues: dict[str, Queue]
    channels: dict[tuple[str, str], Channel]
    agents: dict[str, Any]
    works_in: dict[int, frozenset[int]]
    customers: dict[str, list[Customer]]
    motives: dict[str, Motive]


def create_shop(*, now: datetime) -> Shop:
    """Create everything that exists before the first customer writes."""
    Company.objects.update_or_create(pk=1, defaults={"name": COMPANY, "survey_delay_hours": 2})
    calendar = _calendar(now)
    skills = {slug: Skill.objects.create(slug=slug, name_en=en, name_fr=fr) for slug, en, fr in SKILLS}
    queues = {}
    for place, (slug, english, french, skill) in enumerate(QUEUES):
        queues[slug] = Queue.objects.create(
            slug=slug, name_en=english, name_fr=french, calendar=calendar, position=place
        )
        QueueSkill.objects.create(queue=queues[slug], skill=skills[skill], wanted_level=3)
        SlaPolicy.objects.create(queue=queues[slug], priority=1)
    password = logins.make_hash()
    agents = {worker.name: _worker(worker, queues, skills, password, now=now) for worker in WORKERS}
    works_in = {
        agents[worker.name].pk: frozenset(queues[slug].pk for slug in worker.queues) for worker in WORKERS
    }
    _supervisors(queues, password)
    write_texts()
    customers = _customers(now)
    _note_places(customers, queues["orders"], now=now)
    write_notes()
    return Shop(queues, _channels(queues), agents, works_in, customers, _motives())


def _calendar(now: datetime) -> Calendar:
    calendar = Calendar.objects.create(name=CALENDAR, time_zone="Europe/Paris", holidays_of="FR")
    for weekday in range(6):
        closes = time(19) if weekday < 5 else time(17)
        OpeningRule.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=closes)
    opening_hours.publish_version(calendar, now=now)
    return calendar


def _worker(
    worker: Worker, queues: dict[str, Queue], skills: dict[str, Skill], password: str, *, now: datetime
) -> Any:
    user = _account(worker.email, worker.name, password, language=worker.language, time_zone=worker.time_zone)
    for slug in worker.queues:
        QueueMembership.objects.create(user=user, queue=queues[slug])
    agent = people.make_agent(user, now=now)
    Agent.objects.filter(pk=agent.pk).update(
        works_from=Agent.WorksFrom.HOME if worker.is_home else Agent.WorksFrom.OFFICE,
        languages=list(worker.languages),
        time_zone=worker.time_zone,
        schedule=Agent.Schedule.FREE,
    )
    agent.refresh_from_db()
    for slug, level in worker.skills:
        AgentSkill.objects.create(agent=agent, skill=skills[slug], level=level)
    _slots(agent, is_home=worker.is_home)
    for begins in (now, now + timedelta(weeks=shifts.WEEKS_AHEAD)):  # the past that is told, and what comes
        shifts.plan_shifts(begins, agent=agent)
    return user


def _slots(agent: Agent, *, is_home: bool) -> None:
    """Office days are whole; home workers have a slot in the morning and one in the evening."""
    spans = [(time(9), time(13)), (time(17), time(20))] if is_home else [(time(9), time(17))]
    for weekday in range(5):
        for starts, ends in spans:
            ShiftPattern.objects.create(agent=agent, weekday=weekday, starts=starts, ends=ends)


def _supervisors(queues: dict[str, Queue], password: str) -> None:
    carol = _account(f"carol@{DOMAIN}", "Carol Dupont", password)
    for queue in queues.values():
        QueueMembership.objects.create(user=carol, queue=queue, role=QueueMembership.Role.SUPERVISOR)
    _account(f"admin@{DOMAIN}", "Ada Admin", password, is_superuser=True)


def _account(email: str, name: str, password: str, **fields: Any) -> Any:
    """Make an account of the demonstration; `password` is the hash."""
    return get_user_model().objects.create(email=email, name=name, password=password, is_demo=True, **fields)


def _channels(queues: dict[str, Queue]) -> dict[tuple[str, str], Channel]:
    """Two mailboxes (English and French), and a form, chat and phone line; keyed by kind and language."""
    orders = queues["orders"]
    made = {
        ("email", "en"): Channel(slug="email", name="Support", address=f"support@{DOMAIN}", queue=orders),
        ("email", "fr"): Channel(
            slug="email", name="Aide", address=f"aide@{DOMAIN}", queue=orders, language="fr"
        ),
        ("web", "en"): Channel(slug="web", name="Web form", queue=orders),
        ("chat", "en"): Channel(slug="chat", name="Chat", queue=orders),
        ("phone", "en"): Channel(slug="phone", name="Telephone", queue=orders),
    }
    for channel in made.values():
        if channel.slug == "email":
            channel.options = {"authserv_id": f"mx.{DOMAIN}"}  # whose word on forged mails counts
        channel.save()
    for kind in ("web", "chat", "phone"):
        made[kind, "fr"] = made[kind, "en"]
    return made


def _customers(now: datetime) -> dict[str, list[Customer]]:
    made: dict[str, list[Customer]] = {"en": [], "fr": []}
    for place, (name, language) in enumerate(CUSTOMERS):
        customer = Customer.objects.create(
            name=name,
            language=language,
            is_demo=True,
            created_at=now - timedelta(days=61 * (place % 19)),
        )
        identities = [("email", customer_address(name)), ("phone", customer_phone(place, language))]
        if place % 4 == 0:
            identities.append(("email", customer_address(name).replace("@", "@work.")))
        if place == SHARES_A_PHONE:
            identities[1] = ("phone", customer_phone(place + 2, language))
        for kind, value in identities:
            Identity.objects.create(
                customer=customer,
                kind=kind,
                value=value,
                created_at=now,
                verified_at=now,
                verified_how="channel",
            )
        made[language].append(customer)
    return made


def _note_places(customers: dict[str, list[Customer]], queue: Queue, *, now: datetime) -> None:
    """Note where the customers live, as one queue knows it."""
    CustomerDetails.objects.bulk_create(
        CustomerDetails(
            customer=customer,
            queue=queue,
            place=PLACES[language][place % len(PLACES[language])],
            time_zone="Europe/Paris" if language == "fr" else "Europe/London",
            updated_at=now,
        )
        for language, people in customers.items()
        for place, customer in enumerate(people)
    )


def _motives() -> dict[str, Motive]:
    return {
        slug: Motive.objects.create(
            slug=slug, name_en=english, name_fr=french, is_resolvable_at_first_contact=resolvable
        )
        for slug, english, french, resolvable in MOTIVES
    }
