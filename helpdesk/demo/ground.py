"""The demonstration's ground: company, hours, queues, channels, people with their skills and shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib.auth import get_user_model

from helpdesk.demo.people import (
    CUSTOMERS,
    MOTIVES,
    QUEUES,
    SKILLS,
    WORKERS,
    Worker,
    customer_address,
    customer_phone,
)
from routing import people, shifts
from routing.models import Agent, AgentSkill, QueueSkill, ShiftPattern, Skill
from tickets import opening
from tickets.models import (
    Article,
    Calendar,
    Channel,
    Company,
    Customer,
    Identity,
    Macro,
    Motive,
    OpeningRule,
    Queue,
    QueueMembership,
    Signature,
    SlaPolicy,
)

PASSWORD = "tandem-demo"  # noqa: S105  (well known on purpose; opens nothing from another machine)
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Ground:
    """What the stories happen on."""

    queues: dict[str, Queue]
    channels: dict[tuple[str, str], Channel]
    agents: dict[str, Any]
    customers: dict[str, list[Customer]]
    motives: dict[str, Motive]


def lay_ground(*, now: datetime) -> Ground:
    """Make everything that stands before the first customer writes."""
    Company.objects.update_or_create(pk=1, defaults={"name": "Tandem Furniture", "survey_delay_hours": 2})
    calendar = _calendar(now)
    skills = {slug: Skill.objects.create(slug=slug, name_en=en, name_fr=fr) for slug, en, fr in SKILLS}
    queues = {}
    for place, (slug, english, french, skill) in enumerate(QUEUES):
        queues[slug] = Queue.objects.create(
            slug=slug, name_en=english, name_fr=french, calendar=calendar, position=place
        )
        QueueSkill.objects.create(queue=queues[slug], skill=skills[skill], wanted_level=3)
        SlaPolicy.objects.create(queue=queues[slug], priority=1)
    agents = {worker.name: _worker(worker, queues, skills, now=now) for worker in WORKERS}
    _supervisors(queues)
    _texts()
    return Ground(queues, _channels(queues), agents, _customers(now), _motives())


def _calendar(now: datetime) -> Calendar:
    calendar = Calendar.objects.create(name="Monday to Saturday", time_zone="Europe/Paris", holidays_of="FR")
    for weekday in range(6):
        closes = time(19) if weekday < 5 else time(17)
        OpeningRule.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=closes)
    opening.publish(calendar, now=now)
    return calendar


def _worker(worker: Worker, queues: dict[str, Queue], skills: dict[str, Skill], *, now: datetime) -> Any:
    user = get_user_model().objects.create_user(
        worker.email,
        PASSWORD,
        name=worker.name,
        language=worker.language,
        time_zone=worker.time_zone,
        is_demo=True,
    )
    for slug in worker.queues:
        QueueMembership.objects.create(user=user, queue=queues[slug])
    agent = people.make_agent(user, now=now)
    Agent.objects.filter(pk=agent.pk).update(
        works_from=Agent.WorksFrom.HOME if worker.is_home else Agent.WorksFrom.OFFICE,
        languages=list(worker.languages),
        time_zone=worker.time_zone,
        schedule=Agent.Schedule.FREE,
        places=8,
    )
    agent.refresh_from_db()
    for slug, level in worker.skills:
        AgentSkill.objects.create(agent=agent, skill=skills[slug], level=level)
    _slots(agent, is_home=worker.is_home)
    shifts.lay(now, agent=agent)
    return user


def _slots(agent: Agent, *, is_home: bool) -> None:
    """Office days are whole; home workers have a slot in the morning and one in the evening."""
    spans = [(time(9), time(13)), (time(17), time(20))] if is_home else [(time(9), time(17))]
    for weekday in range(5):
        for starts, ends in spans:
            ShiftPattern.objects.create(agent=agent, weekday=weekday, starts=starts, ends=ends)


def _supervisors(queues: dict[str, Queue]) -> None:
    users = get_user_model().objects
    carol = users.create_user(f"carol@{DOMAIN}", PASSWORD, name="Carol Dupont", is_demo=True)
    for queue in queues.values():
        QueueMembership.objects.create(user=carol, queue=queue, role=QueueMembership.Role.SUPERVISOR)
    users.create_superuser(f"admin@{DOMAIN}", PASSWORD, name="Ada Admin", is_demo=True)


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
            place="Lyon" if language == "fr" else "Leeds",
            time_zone="Europe/Paris" if language == "fr" else "Europe/London",
            is_demo=True,
            created_at=now,
        )
        identities = [("email", customer_address(name)), ("phone", customer_phone(place, language))]
        if place % 4 == 0:
            identities.append(("email", customer_address(name).replace("@", "@work.")))
        for kind, value in identities:
            Identity.objects.create(customer=customer, kind=kind, value=value, created_at=now)
        made[language].append(customer)
    return made


def _motives() -> dict[str, Motive]:
    return {
        slug: Motive.objects.create(
            slug=slug, name_en=english, name_fr=french, is_resolvable_at_first_contact=resolvable
        )
        for slug, english, french, resolvable in MOTIVES
    }


def _texts() -> None:
    Signature.objects.create(language="en", text="{agent}\n{company}")
    Signature.objects.create(language="fr", text="{agent}\n{company}")
    Macro.objects.create(
        name_en="Ask for a photo",
        name_fr="Demander une photo",
        text_en="Could you send us a photo of the damage and of the label on the box? Then I can settle it at once.",
        text_fr="Pouvez-vous nous envoyer une photo du dégât et de l'étiquette du carton ? Je règle alors cela aussitôt.",
    )
    Macro.objects.create(
        name_en="Carrier rings before",
        name_fr="Le transporteur appelle",
        text_en="The carrier rings half an hour before.",
        text_fr="Le transporteur vous appelle une demi-heure avant.",
    )
    Article.objects.create(
        slug="delivery",
        name_en="How long does delivery take?",
        name_fr="Combien de temps dure la livraison ?",
        text_en="What is in stock leaves the next working day and takes two to four days. We write to you when it leaves.",
        text_fr="Ce qui est en stock part le jour ouvré suivant et met deux à quatre jours. Nous vous écrivons au départ.",
    )
    Article.objects.create(
        slug="return",
        name_en="How do I send something back?",
        name_fr="Comment renvoyer un article ?",
        text_en="Within 30 days, write to us: somebody comes to fetch it, and the money is back within three days after.",
        text_fr="Sous 30 jours, écrivez-nous : nous venons le chercher, et l'argent revient dans les trois jours qui suivent.",
        position=1,
    )
