"""A simulated person and a simulated contact as the engine sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from routing.engine import Agent, Exclusion, Known, Need, WorkItem
from routing.simulation.day import Contact, Person

DAY = 86400.0


def build_item(
    contact: Contact, id: int, at: float, excluded: Iterable[int] = (), until: float = 0.0
) -> WorkItem:
    """Return a contact as the engine sees it."""
    known: tuple[Known, ...] = ()
    if contact.past is not None:
        known = (Known(contact.past, 1, at - contact.days * DAY, contact.owns_case),)
    return WorkItem(
        id=id,
        medium=contact.medium,
        eligible_at=at,
        queue=contact.queue,
        weight=contact.weight,
        target_seconds=contact.target,
        required=(Need(contact.topic, contact.least),) if contact.topic and contact.least else (),
        wanted=(Need(contact.topic, contact.wanted),) if contact.wanted > contact.least else (),
        language=contact.language,
        language_required=contact.must_speak,
        known=known,
        excluded=tuple(Exclusion(agent, until) for agent in sorted(excluded)),
    )


def build_agent(person: Person) -> Agent:
    """Return a person as the engine sees them."""
    return Agent(
        id=person.id,
        seen_at=math.inf,
        queues=person.queues,
        skills=tuple(Need(topic, level) for topic, level in sorted(person.topics.items()) if topic),
        languages=person.languages,
        chat_limit=person.chat_limit,
        places=1_000_000,
        group=person.group,
    )
