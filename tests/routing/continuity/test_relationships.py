"""Who has answered whom, derived from the log."""

from datetime import timedelta

from routing.continuity import relationships
from routing.models import Relationship
from tests.cast import NOON
from tests.routing.scene import mail, there
from tickets.conversation.replies import Words, reply
from tickets.models import Call

LATER = NOON + timedelta(days=1)


def answer(cast, ticket, name, now=NOON):
    reply(ticket, Words("Here it is."), by=cast.acting(name), now=now)


def test_answering_makes_a_relationship(cast):
    bob = there(cast.bob)
    for now in (NOON, LATER):
        answer(cast, mail(cast, cast.emile, now=now), "bob", now)
    relationships.refresh_relationships(LATER)
    known = Relationship.objects.get()
    assert (known.agent, known.customer, known.times) == (bob, cast.emile, 2)
    assert (known.first_at, known.last_at) == (NOON, LATER)


def test_several_answers_in_one_ticket_are_one_time(cast):
    there(cast.bob)
    ticket = mail(cast)
    answer(cast, ticket, "bob")
    answer(cast, ticket, "bob")
    relationships.refresh_relationships(NOON)
    assert Relationship.objects.get().times == 1


def test_reading_again_changes_nothing(cast):
    there(cast.bob)
    answer(cast, mail(cast), "bob")
    assert relationships.refresh_relationships(NOON) == 1
    assert relationships.refresh_relationships(NOON) == 0


def test_answered_call_counts(cast):
    bob = there(cast.bob)
    ticket = mail(cast)
    Call.objects.create(
        channel=cast.phone, external_id="c1", ticket=ticket, agent=cast.bob, direction="in",
        result="answered", started_at=NOON,
    )  # fmt: skip
    relationships.rebuild_relationships([ticket.customer_id])
    assert Relationship.objects.get().agent == bob


def test_rebuilding_from_nothing_gives_the_same(cast):
    there(cast.alice)
    there(cast.bob)
    answer(cast, mail(cast), "alice")
    answer(cast, mail(cast, cast.emile), "bob")
    relationships.refresh_relationships(NOON)
    kept = list(Relationship.objects.order_by("customer").values_list("agent", "customer", "times"))
    Relationship.objects.all().delete()
    relationships.rebuild_relationships()
    assert list(Relationship.objects.order_by("customer").values_list("agent", "customer", "times")) == kept
