"""A world with a hidden queue, made once for a file's tests; and one under attack, made for each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests import cast as casting
from tests import make
from tests.helpdesk.rights import hidden as hiding
from tests.helpdesk.rights import world
from tests.helpdesk.rights.attacks import LEGAL, NUMBER, OWNER, SECRET, Attack
from tests.helpdesk.rights.hidden import Hidden
from tests.helpdesk.rights.world import World
from tickets.actor import SYSTEM
from tickets.customers import details
from tickets.models import Customer, Identity, Queue


@pytest.fixture(scope="module")
def scene(django_db_setup: Any, django_db_blocker: Any) -> Iterator[tuple[World, Hidden]]:
    """Return the world and what is hidden in it, for tests marked with django_db: each takes back its own."""
    logging.disable(logging.WARNING)  # thousands of refusals
    with django_db_blocker.unblock(), transaction.atomic():
        made = world.build(casting.assemble())
        yield made, hiding.build(made)
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture
def attack(cast) -> Attack:
    """Return an installation with a queue that Alice, Nina and Carol do not see."""
    legal = Queue.objects.get(slug="legal")
    make.channel("email", legal, address=LEGAL)
    make.channel("phone", legal)
    make.channel("web", legal)
    return Attack(cast)


@pytest.fixture
def hidden(attack) -> Customer:
    """Return somebody who has written to the hidden queue alone, and of whom much is known there."""
    ticket = attack.mail(f"Owner {SECRET} <{OWNER}>", f"My {SECRET}.", to=LEGAL, subject=f"About {SECRET}")
    person: Customer = ticket.customer
    for kind, value in (("email", f"second@{SECRET}.example"), ("phone", NUMBER)):
        Identity.objects.create(
            customer=person,
            kind=kind,
            value=value,
            created_at=person.created_at,
            verified_at=person.created_at,
        )
    known = {"notes": f"Note {SECRET}", "place": f"At {SECRET}", "time_zone": f"Etc/{SECRET}"}
    details.save_details(person, ticket.queue, known, by=SYSTEM, now=person.created_at)
    return person
