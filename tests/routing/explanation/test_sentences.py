"""Decisions in words: a sentence, and every reason, in English and in French."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from routing.assigning import assignment
from routing.assigning.assignment import Why
from routing.dispatch import run
from routing.engine import Refusal, RuleCode, TermCode
from routing.explanation import sentences, terms
from routing.models import AgentSkill, Decision, QueueSkill, Relationship, Skill
from tests.cast import NOON
from tests.routing.scene import chat, heard, load_work_item, mail, seconds, there
from tickets.models import Draft

MAY = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def chosen(cast):
    """The decision that gave Émile's French mail to Bob, who helped him twice in May."""
    there(cast.alice, languages=["en"])
    bob = there(cast.bob, languages=["en", "fr"])
    Relationship.objects.create(
        agent=bob, customer=cast.emile, times=2, first_at=MAY, last_at=MAY + timedelta(days=9)
    )
    ticket = mail(cast, cast.emile)
    type(ticket).objects.update(language="fr")
    for _ in range(2):
        assignment.assign(mail(cast), bob, by=cast.acting("carol"), now=NOON)
    run.run_pass(NOON)
    return Decision.objects.get(how="engine", item__ticket=ticket)


def sentence(decision, reader=None):
    return sentences.explain_decision(decision, reader=reader, now=NOON)


def test_sentence_about_a_colleague(chosen):
    assert sentence(chosen).startswith(
        "Bob: helped Émile twice in May, speaks French, has capacity (2 of 5 in use)"
    )


def test_sentence_to_the_person_themselves(cast, chosen):
    assert sentence(chosen, cast.bob.pk).startswith(
        "Assigned to you because you helped Émile twice in May, you speak French, "
        "you have capacity (2 of 5 in use)"
    )


def test_reasons_in_full_name_everybody(cast, chosen):
    account = sentences.explain_in_full(chosen, reader=cast.alice.pk, now=NOON)
    first = account.people[0]
    assert (str(first.agent), first.is_chosen) == ("Bob", True)
    assert "knows the customer" in [part.name for part in first.parts]
    assert sum(part.seconds for part in first.parts) == pytest.approx(first.total, abs=len(first.parts))
    assert ("Alice", "is less skilled") in account.ruled_out
    assert account.policy.startswith("Rules, version 0")


def test_reasons_take_a_constant_number_of_queries(chosen, django_assert_num_queries):
    decision = Decision.objects.select_related("item__ticket__customer", "agent__user", "by").get(
        pk=chosen.pk
    )
    with django_assert_num_queries(1):
        sentences.explain_in_full(decision, reader=None, now=NOON)


def test_knowing_the_subject_and_being_alone_is_said(cast):
    bob = there(cast.bob)
    skill = Skill.objects.create(slug="refunds", name_en="Refunds")
    AgentSkill.objects.create(agent=bob, skill=skill, level=5)
    QueueSkill.objects.create(queue=cast.orders, skill=skill, required_level=2)
    mail(cast)
    run.run_pass(NOON)
    assert (
        sentence(Decision.objects.get())
        == "Bob: speaks English, knows the subject well, has capacity (0 of 5 in use), "
        "nobody else can take it now"
    )


def test_free_the_longest_is_said(cast):
    alice = there(cast.alice, NOON - seconds(60))
    there(cast.bob)
    heard(NOON, alice)
    mail(cast)
    run.run_pass(NOON)
    assert (
        sentence(Decision.objects.get())
        == "Alice: speaks English, has capacity (0 of 5 in use), idle the longest"
    )


@pytest.mark.parametrize(
    ("how", "reader", "text"),
    [
        ("assigned", "alice", "Carol assigned it to Bob."),
        ("assigned", "bob", "Carol assigned it to you."),
        ("handed_over", "bob", "Carol handed it over to you."),
        ("taken", "bob", "You assigned it to yourself."),
        ("kept", "alice", "Stays assigned to Bob, who already had it."),
        ("released", "alice", "Bob unassigned it."),
        ("returned", "alice", "Bob is offline, so it was reassigned before it would be late."),
    ],
)
def test_other_ways_are_said(cast, how, reader, text):
    bob, ticket = there(cast.bob), mail(cast)
    decision = assignment.assign(ticket, bob, by=cast.acting("carol"), now=NOON, why=Why(how))
    assert sentence(decision, getattr(cast, reader).pk) == text


def test_nobody_at_the_desk_is_said(cast):
    ticket = mail(cast)
    run.run_pass(NOON)
    assert sentences.explain_wait(load_work_item(ticket), now=NOON) == "Waiting for an agent: 2 are offline."


def test_hold_is_said(cast):
    bob = there(cast.bob)
    there(cast.alice)
    Relationship.objects.create(agent=bob, customer=cast.dana, times=1, first_at=NOON, last_at=NOON)
    Draft.objects.create(ticket=mail(cast, cast.emile), user=cast.bob, text="Dear", updated_at=NOON)
    ticket = mail(cast)
    run.run_pass(NOON)
    assert (
        sentences.explain_wait(load_work_item(ticket), now=NOON)
        == "Waiting: it is reserved for Bob until 16:00."
    )


def test_chat_says_nothing_of_places(cast):
    there(cast.bob)
    chat(cast)
    run.run_pass(NOON)
    assert "places" not in sentence(Decision.objects.get())
    assert "has no other chat" in sentence(Decision.objects.get())


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_has_words(code):
    assert terms.describe_refusal(code)
    assert terms.describe_refusals(code, 1) != terms.describe_refusals(code, 2).replace(
        "2", "1"
    ) or terms.describe_refusals(code, 3)


@pytest.mark.parametrize("code", TermCode)
def test_every_term_has_words(code):
    assert terms.describe_term(code)


@pytest.mark.parametrize("code", RuleCode)
def test_every_rule_has_words_or_needs_none(code):
    rule = {"code": code.value, "agent": 0, "until": 0.0, "share": 4}
    text = sentences.describe_rule(rule, {}, now=NOON)
    assert bool(text) is (code is not RuleCode.ONE_PER_TICK)


@pytest.mark.parametrize(
    ("times", "first", "last", "text"),
    [
        (1, MAY, MAY, "once in May"),
        (2, MAY, MAY, "twice in May"),
        (3, MAY - timedelta(days=90), MAY, "3 times, last in May"),
        (2, MAY - timedelta(days=365), MAY - timedelta(days=365), "twice in May 2025"),
    ],
)
def test_how_often_and_when(times, first, last, text):
    assert terms.describe_frequency(times, first.timestamp(), last.timestamp(), NOON) == text


def test_months_are_said_in_the_readers_language():
    with translation.override("fr"):
        assert terms.format_month(MAY.timestamp(), NOON) == "mai"
