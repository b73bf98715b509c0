"""Any decision can be played again, questioned, and tried under other rules."""

import pytest

from routing.dispatch import policies, run
from routing.explanation import sentences
from routing.models import Decision, Policy, Recording
from routing.replay import recordings
from tests.cast import NOON
from tests.routing.scene import assignee, mail, seconds, there
from tickets.actor import SYSTEM
from tickets.errors import Invalid
from tickets.models import Queue


@pytest.fixture
def decided(cast, django_capture_on_commit_callbacks):
    """One mail given to Alice or Bob, both there; Carol supervises and is not there."""
    there(cast.alice)
    there(cast.bob)
    ticket = mail(cast)
    with django_capture_on_commit_callbacks(execute=True):
        run.run_pass(NOON)
    return Decision.objects.get(item__ticket=ticket, how="engine")


def test_decision_plays_again_to_the_same_end(decided):
    replay = recordings.replay_decision(decided)
    assert replay is not None
    assert replay.is_same
    assert replay.decision.agent == decided.agent_id


def test_shards_that_decide_at_the_same_moment_are_kept_apart(cast, django_capture_on_commit_callbacks):
    there(cast.alice)
    there(cast.mallory)
    legal = Queue.objects.get(slug="legal")
    tickets = [mail(cast), mail(cast)]
    tickets[1].move_to(legal, by=SYSTEM, now=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        run.run_pass(NOON)
    assert Recording.objects.filter(at=NOON).count() == 2
    decided = Decision.objects.filter(item__ticket__in=tickets, how="engine")
    assert [recordings.replay_decision(decision).is_same for decision in decided] == [True, True]


def test_recording_holds_nothing_that_was_said(decided):
    scene = recordings.unpack_scene(Recording.objects.get())
    assert [item.id for item in scene.items] == [decided.item_id]
    assert "lamp" not in repr(scene)


def test_decision_without_a_recording_says_so(decided):
    Recording.objects.all().delete()
    assert recordings.replay_decision(decided) is None


def test_recordings_are_kept_ninety_days(decided):
    assert recordings.delete_old_recordings(NOON + seconds(89 * 86400)) == 0
    assert recordings.delete_old_recordings(NOON + seconds(91 * 86400)) == 1


def test_why_not_says_by_what_somebody_was_behind(cast, decided):
    ticket = decided.item.ticket
    other = there(cast.bob) if assignee(ticket) == cast.alice else there(cast.alice)
    said = sentences.explain_why_not(decided, other, now=NOON)
    assert "idle the longest" in said or "s behind" in said


def test_why_not_says_what_ruled_somebody_out(cast, decided):
    mallory = there(cast.mallory)
    assert "works in other queues" in sentences.explain_why_not(decided, mallory, now=NOON)
    winner = decided.agent.user.short_name
    assert f"It was assigned to {winner}" in sentences.explain_why_not(decided, decided.agent, now=NOON)


def test_preview_decides_the_last_moments_by_both_rules(decided):
    same = policies.preview_policy(Policy.in_force())
    assert (same.passes, same.now.given, same.changed) == (1, 1, 0)
    other = policies.create_policy({"active_mails": 2}, by=SYSTEM, now=NOON)
    assert policies.preview_policy(other.as_value()).then.given == 1


def test_one_click_leads_back_to_the_version_before(cast):
    first, second = (policies.create_policy({"reserve": n}, by=SYSTEM, now=NOON) for n in (2.0, 3.0))
    first.put_in_force(by=SYSTEM, now=NOON)
    second.put_in_force(by=SYSTEM, now=NOON + seconds(1))
    policies.roll_back(by=SYSTEM, now=NOON + seconds(2))
    assert Policy.in_force().reserve == 2.0


def test_nothing_to_go_back_to_is_said(cast):
    with pytest.raises(Invalid):
        policies.roll_back(by=SYSTEM, now=NOON)


def test_version_with_an_unknown_dial_is_refused_by_name(cast):
    with pytest.raises(Invalid, match="speedy"):
        policies.create_policy({"speedy": 1}, by=SYSTEM, now=NOON)
