"""Customers choose between the person they know and somebody now; keepers are entrusted."""

from datetime import timedelta

import pytest

from routing.continuity import relationships, wait_choices
from routing.dispatch import run
from routing.models import Relationship, Shift, WaitChoice
from tests.cast import NOON
from tests.routing.scene import assignee, chat, mail, seconds, there
from tickets.actor import SYSTEM
from tickets.channels.email.outbound import outward
from tickets.conversation.replies import Words, reply
from tickets.customers import links
from tickets.delivery import outbox
from tickets.errors import Invalid
from tickets.models import Outbound
from tickets.promises import wait_question

LATER = NOON + timedelta(hours=2)


@pytest.fixture
def asked(cast):
    """Dana writes; Bob, who looks after her, begins at two; Alice is there now."""
    bob = there(cast.bob, schedule="planned", status="offline")
    Shift.objects.create(agent=bob, during=(LATER, LATER + timedelta(hours=4)))
    there(cast.alice)
    relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    ticket = mail(cast)
    run.run_pass(NOON)
    return ticket


def test_customer_is_asked_by_mail_and_on_their_page(cast, asked):
    choice = wait_question.find_question(asked, now=NOON)
    assert choice is not None
    assert choice.sentence.startswith("Bob, who knows your request, is back by 15:00")
    mail_out = Outbound.objects.get(payload__template="routing/mail/wait_or_now")
    assert mail_out.to == "dana@petit.example"
    assert assignee(asked) is None


def test_now_gives_it_to_a_colleague_at_once(cast, asked):
    choice = wait_question.find_question(asked, now=NOON)
    assert wait_question.answer_question(asked, choice.key, "now", by=cast.acting("dana"), now=NOON)
    run.run_pass(NOON + seconds(1))
    assert assignee(asked) == cast.alice


def test_wait_keeps_it_for_the_person_until_they_are_there(cast, asked):
    choice = wait_question.find_question(asked, now=NOON)
    wait_question.answer_question(asked, choice.key, "wait", by=cast.acting("dana"), now=NOON)
    run.run_pass(NOON + timedelta(hours=1))
    assert assignee(asked) is None
    there(cast.bob, LATER - seconds(1))
    run.run_pass(LATER - seconds(1))
    there(cast.bob, LATER)
    run.run_pass(LATER)
    assert assignee(asked) == cast.bob


def test_no_answer_means_somebody_soon(cast, asked):
    late = NOON + timedelta(minutes=16)
    there(cast.alice, late)
    run.run_pass(late)
    assert assignee(asked) == cast.alice
    assert wait_question.find_question(asked, now=late) is None


def test_customer_is_asked_once(cast, asked):
    run.run_pass(NOON + seconds(1))
    run.run_pass(NOON + seconds(2))
    assert WaitChoice.objects.count() == 1


def test_answer_after_somebody_took_it_is_told(cast, asked):
    choice = wait_question.find_question(asked, now=NOON)
    late = NOON + timedelta(minutes=16)
    there(cast.alice, late)
    run.run_pass(late)
    with pytest.raises(Invalid, match="already handling"):
        wait_question.answer_question(asked, choice.key, "wait", by=cast.acting("dana"), now=late)


def test_nobody_is_asked_when_nobody_else_is_there(cast):
    bob = there(cast.bob, schedule="planned", status="offline")
    Shift.objects.create(agent=bob, during=(LATER, LATER + timedelta(hours=4)))
    relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    mail(cast)
    run.run_pass(NOON)
    assert not WaitChoice.objects.exists()


def test_chat_is_asked_without_a_mail(cast):
    bob = there(cast.bob, schedule="planned", status="offline")
    Shift.objects.create(agent=bob, during=(LATER, LATER + timedelta(hours=4)))
    there(cast.alice)
    relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    ticket = chat(cast)
    run.run_pass(NOON)
    assert wait_question.find_question(ticket, now=NOON) is not None
    assert not Outbound.objects.filter(payload__template="routing/mail/wait_or_now").exists()


@pytest.mark.parametrize(("key", "option"), [("", "now"), ("x", "now"), ("999999", "wait"), ("1", "never")])
def test_nonsense_answers_are_refused(cast, asked, key, option):
    with pytest.raises(Invalid):
        wait_choices.record_answer_by_key(asked, key, option, by=SYSTEM, now=NOON)


def test_customer_answers_on_the_page_of_their_request(client, cast, asked):
    WaitChoice.objects.update(until=NOON + timedelta(days=3650))
    link = links.make_request_url(asked.participants.get(), now=NOON)
    client.get("/r/" + link.rsplit("/r/", 1)[1])
    address = f"/requests/{asked.public_id}/"
    page = client.get(address).content.decode()
    assert "Wait for Bob" in page
    key = WaitChoice.objects.get().pk
    assert client.post(address + "choice/", {"key": key, "option": "now"}).status_code == 302
    assert WaitChoice.objects.get().answer == "now"


def test_nobody_answers_without_the_link(client, asked):
    choice = WaitChoice.objects.get()
    answer = client.post(f"/requests/{asked.public_id}/choice/", {"key": choice.pk, "option": "now"})
    assert answer.status_code == 404
    assert WaitChoice.objects.get().answer == ""


def test_mail_of_the_question_can_be_built(asked):
    out = Outbound.objects.get(payload__template="routing/mail/wait_or_now")
    built = outward.build_mail(out, now=NOON)
    assert "Bob" in built.body
    assert "/r/" in built.body
    assert outbox.choose_mail_channel(asked) is not None


def test_entrusting_twice_changes_nothing_and_roles_pass_on(cast):
    alice, bob = there(cast.alice), there(cast.bob)
    assert relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    assert not relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    assert relationships.set_customer_role(cast.dana, alice, "owner", by=SYSTEM, now=NOON)
    assert Relationship.objects.get().agent == alice
    assert relationships.set_customer_role(cast.dana, None, "owner", by=SYSTEM, now=NOON)
    assert not Relationship.objects.exists()


def test_keeper_gets_what_their_customer_asks(cast):
    there(cast.alice)
    bob = there(cast.bob)
    relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.bob


def test_who_stands_in_gets_it_while_the_keeper_is_away(cast):
    there(cast.alice)
    bob = there(cast.bob, status="offline")
    backup = there(cast.alice)
    relationships.set_customer_role(cast.dana, bob, "owner", by=SYSTEM, now=NOON)
    relationships.set_customer_role(cast.dana, backup, "backup", by=SYSTEM, now=NOON)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert assignee(ticket) == cast.alice


def test_outcome_of_the_last_matter_is_remembered(cast):
    there(cast.bob)
    ticket = mail(cast)
    reply(ticket, Words("Done."), by=cast.acting("bob"), now=NOON, then="solved")
    relationships.refresh_relationships(NOON)
    assert Relationship.objects.get().last_outcome == "solved"
