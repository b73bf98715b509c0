"""A person comes back to a customer whose ticket waits on nobody."""

from routing.assigning import follow_ups, work_items
from routing.dispatch import run
from routing.models import WorkItem
from tests.cast import NOON
from tests.routing.scene import mail, there


def solved(cast):
    ticket = mail(cast)
    ticket.solve(by=cast.acting("carol"), now=NOON)
    return ticket


def test_follow_up_waits_for_a_person_and_its_owner_is_asked_first(cast):
    there(cast.alice)
    bob = there(cast.bob)
    item = follow_ups.request_follow_up(solved(cast), owner=bob, now=NOON)
    run.run_pass(NOON)
    item.refresh_from_db()
    assert (item.state, item.agent) == ("taken", bob)


def test_asking_twice_is_one_follow_up(cast):
    ticket = solved(cast)
    assert follow_ups.request_follow_up(ticket, now=NOON) == follow_ups.request_follow_up(ticket, now=NOON)


def test_follow_up_is_finished_once(cast):
    there(cast.bob)
    item = follow_ups.request_follow_up(solved(cast), now=NOON)
    run.run_pass(NOON)
    assert follow_ups.finish_follow_up(item, now=NOON)
    assert not follow_ups.finish_follow_up(item, now=NOON)
    assert WorkItem.objects.get(pk=item.pk).state == "closed"


def test_spam_needs_no_follow_up(cast):
    ticket = solved(cast)
    item = follow_ups.request_follow_up(ticket, now=NOON)
    ticket.mark_spam(by=cast.acting("carol"), now=NOON)
    work_items.reconcile_work_items(NOON)
    assert WorkItem.objects.get(pk=item.pk).state == "closed"
