"""The migration that separates identities which were merged because somebody typed them."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from tests import make
from tickets.channels.chat import session as chats
from tickets.models import (
    AccessLink,
    ChatSession,
    Customer,
    CustomerDetails,
    Identity,
    Message,
    Participant,
    Ticket,
)

STEPS = import_module("tickets.migrations.0022_prove_known_identities")


def run(*names):
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(getattr(STEPS, name))


@pytest.fixture
def typed(cast, now):
    """Return Dana's ticket by form as it was before the migration: with an identity that is not proved."""
    ticket = make.ticket(cast.web, cast.dana)
    Identity.objects.update(verified_at=None, verified_how="", ticket=None)
    return ticket


def test_an_address_that_wrote_by_mail_is_proved(cast, typed):
    Message.objects.filter(ticket=typed).update(channel_slug="email", from_address="Dana@Petit.example")
    run("PROVE_EMAIL")
    assert not cast.dana.identities.get().is_claim
    assert cast.emile.identities.get().is_claim


def test_an_address_that_was_only_typed_is_a_claim_on_its_ticket(cast, typed):
    run("PROVE_EMAIL", "SCOPE_CLAIMS")
    identity = cast.dana.identities.get()
    assert (identity.is_claim, identity.ticket) == (True, typed)


def test_a_form_with_an_address_that_is_proved_elsewhere_keeps_a_claim_of_its_own(cast, typed):
    proved = cast.dana.identities.get()
    Identity.objects.filter(pk=proved.pk).update(verified_at=typed.created_at)
    run("SPLIT_CLAIMS")
    claim = typed.participants.get().identity
    assert claim != proved
    assert (claim.is_claim, claim.ticket, claim.value) == (True, typed, proved.value)


def test_a_visitor_is_parted_from_a_customer_who_is_known_by_mail(cast, typed, now):
    session, _token = chats.open_session(cast.chat, origin="", page="", language="en", now=now)
    ChatSession.objects.update(ticket=typed, email="first@typed.example")
    visitor = Identity.objects.create(
        customer=cast.dana, kind="visitor", value=session.public_id, created_at=now, verified_at=now
    )
    Participant.objects.update(identity=visitor)
    Identity.objects.filter(kind="email").update(verified_at=now)
    run("PART_VISITORS", "FORGET_VISITORS")
    session.refresh_from_db()
    assert (session.ticket, session.email) == (None, "")
    assert not Identity.objects.filter(kind="visitor").exists()


def test_links_to_all_requests_end(cast, typed, now):
    AccessLink.objects.create(purpose="all", digest="x", created_at=now)
    run("END_LINKS")
    assert not AccessLink.objects.filter(purpose="all").exists()


def test_notes_go_to_the_queue_whose_agent_wrote_them(cast, typed, now):
    """The columns are gone from the table by now, so the step runs on one of the same name and shape."""
    legal = make.queue("another")
    Ticket.objects.create(queue=legal, channel=cast.web, customer=cast.dana, created_at=now, updated_at=now)
    make.membership(cast.mallory, legal)
    cast.dana.rename("Dana P.", by=cast.acting("mallory"), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE tickets_customer ON COMMIT DROP AS SELECT id, 'Calls at night' AS notes,"
            " '' AS place, '' AS time_zone, created_at FROM public.tickets_customer WHERE id = %s",
            [cast.dana.pk],
        )
        cursor.execute(STEPS.DETAILS)
        cursor.execute("DROP TABLE pg_temp.tickets_customer")
    assert Customer.objects.filter(details__isnull=False).count() == 1
    kept = CustomerDetails.objects.get()
    assert (kept.queue, kept.notes) == (legal, "Calls at night")
