"""The ground a story stands on: a queue that is always open, its doors, and who works there."""

from __future__ import annotations

import json

from routing.workforce.agents import make_agent
from tests import make
from tickets.clock import database_now
from tickets.models import Channel, Company, Queue, QueueMembership

MAILBOX = "support@demo.example"


def lay(*, places: int = 5) -> None:
    """Make the rows in an empty installation, and print what the outside must know as one line of JSON."""
    now = database_now()
    at_once = {"survey_delay_hours": 0, "survey_rest_days": 0, "undo_seconds": 1}
    Company.objects.create(pk=1, name="Lamp House", **at_once)
    lamps = make.queue("lamps")
    for name in ("alice", "bob"):
        person = make.user(name)
        make.membership(person, lamps)
        agent = make_agent(person, now=now)
        agent.places = places
        agent.save(update_fields=["places"])
    make.membership(make.user("carol"), lamps, role=QueueMembership.Role.SUPERVISOR)
    doors = _doors(lamps)
    print(
        json.dumps({"chat": doors["chat"].key, "phone": doors["phone"].key, "secret": doors["phone"].secret})
    )


def _doors(queue: Queue) -> dict[str, Channel]:
    made = {slug: make.channel(slug, queue) for slug in ("web", "chat", "phone")}
    return made | {"email": make.channel("email", queue, address=MAILBOX)}
