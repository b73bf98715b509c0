"""Tickets → issues: what belongs together, why, and when the customer came back."""

from metrics.facts import derive
from metrics.models import FactContact, FactIssue, FactTicket
from tests import make
from tests.metrics.story import DAY, HOUR, answer, derived, issue_of, motive, solved
from tickets import events
from tickets.actor import SYSTEM


def linked(source, target, kind="continues", *, at):
    data = {"target": target.pk, "kind": kind}
    events.record("ticket.linked", ticket=source, by=SYSTEM, at=at, data=data)


def merged(ticket, into, *, at):
    events.record("ticket.merged", ticket=ticket, by=SYSTEM, at=at, data={"into": into.pk})


def test_one_ticket_is_one_issue(cast, now):
    ticket = solved(cast, at=now)
    issue = issue_of(ticket)
    assert (issue.contact_count, issue.contacts_until_resolution, issue.repeat_at) == (1, 1, None)
    assert issue.first_resolver_id == cast.alice.pk


def test_an_answer_to_our_question_is_a_contact(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    make.customer_message(ticket, now=now + 2 * HOUR)
    answer(ticket, cast.acting("alice"), now + 3 * HOUR, then="solved")
    assert issue_of(ticket).contacts_until_resolution == 2


def test_coming_back_on_the_same_ticket_is_a_repeat(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + DAY)
    issue = issue_of(ticket)
    assert (issue.repeat_at, issue.contacts_until_resolution) == (now + DAY, 1)


def test_reopening_without_a_word_of_the_customer_is_a_repeat(cast, now):
    ticket = solved(cast, at=now)
    ticket.reopen(by=cast.acting("alice"), now=now + DAY, cause="agent")
    issue = issue_of(ticket)
    assert (issue.repeat_at, issue.repeat_by) == (now + DAY, "reopening")


def test_explicit_links_join_tickets_and_name_the_method(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + 20 * DAY)
    linked(second, first, at=now + 20 * DAY)
    facts_of = derived(first, second)
    assert [f.joined_by for f in facts_of] == ["first", "link"]
    issue = FactIssue.objects.get()
    assert (issue.ticket_id, issue.ticket_count, issue.contact_count) == (first.pk, 2, 2)
    assert issue.repeat_at == now + 20 * DAY


def test_a_suspicious_quote_of_a_number_joins_nothing(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + DAY)
    linked(second, first, "quotes", at=now + DAY)
    derived(first, second)
    assert FactIssue.objects.count() == 2


def test_a_link_to_another_customers_ticket_joins_nothing(cast, now):
    first, second = solved(cast, at=now), solved(cast, cast.emile, at=now + DAY)
    linked(second, first, "related", at=now + DAY)
    derived(first, second)
    assert FactIssue.objects.count() == 2


def test_a_duplicate_merged_before_the_answer_is_not_a_second_contact(cast, now):
    first = make.ticket(cast.web, cast.dana, now=now)
    twin = make.ticket(cast.web, cast.dana, now=now + HOUR / 2)
    merged(twin, first, at=now + HOUR / 2)
    answer(first, cast.acting("alice"), now + HOUR, then="solved")
    derived(first, twin)
    issue = FactIssue.objects.get()
    assert (issue.ticket_count, issue.contacts_until_resolution) == (2, 1)
    assert FactTicket.objects.get(pk=twin.pk).joined_by == "merge"
    assert FactContact.objects.get(ticket=twin).why_not == "continued"


def test_a_chain_of_links_and_merges_is_one_issue(cast, now):
    tickets = [solved(cast, at=now + n * DAY) for n in range(4)]
    linked(tickets[1], tickets[0], at=now + DAY)
    linked(tickets[2], tickets[3], at=now + 3 * DAY)
    merged(tickets[3], tickets[1], at=now + 3 * DAY)
    derived(*tickets)
    assert FactIssue.objects.get().ticket_id == tickets[0].pk


def test_the_same_reason_makes_a_thread_with_its_distance(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + 5 * DAY)
    for ticket in (first, second):
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + 6 * DAY)
    derived(first, second)
    one, two = FactIssue.objects.order_by("ticket_id")
    assert (one.repeat_at, one.repeat_by) == (now + 5 * DAY, "reason")
    assert two.previous_id == one.pk
    assert two.since_previous_seconds == (5 * DAY - HOUR).total_seconds()


def test_another_reason_is_another_matter(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + 5 * DAY)
    first.set_motive(motive("refund"), by=cast.acting("alice"), now=now)
    second.set_motive(motive("delivery"), by=cast.acting("alice"), now=now + 5 * DAY)
    derived(first, second)
    assert list(FactIssue.objects.values_list("repeat_at", flat=True)) == [None, None]


def test_writing_again_while_the_first_matter_is_open_has_no_distance(cast, now):
    first = make.ticket(cast.web, cast.dana, now=now)
    answer(first, cast.acting("alice"), now + HOUR)
    second = make.ticket(cast.web, cast.dana, now=now + DAY)
    for ticket in (first, second):
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + DAY)
    derived(first, second)
    one, two = FactIssue.objects.order_by("ticket_id")
    assert two.since_previous_seconds == 0
    assert one.contacts_until_resolution == 2


def test_a_later_reopening_does_not_move_a_distance_that_was_known(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + 20 * DAY)
    for ticket in (first, second):
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + 20 * DAY)
    derived(first, second)
    before = issue_of(second).since_previous_seconds
    assert before
    make.customer_message(first, now=now + 40 * DAY)
    answer(first, cast.acting("alice"), now + 41 * DAY, then="solved")
    assert issue_of(first).pk == first.pk
    assert FactIssue.objects.get(pk=second.pk).since_previous_seconds == before


def test_spam_stands_alone(cast, now):
    first, second = solved(cast, at=now), solved(cast, at=now + DAY)
    linked(second, first, at=now + DAY)
    second.mark_spam(by=cast.acting("alice"), now=now + 2 * DAY)
    derived(first, second)
    assert not FactIssue.objects.get(pk=first.pk).is_spam
    assert FactIssue.objects.get(pk=second.pk).is_spam
    assert FactIssue.objects.get(pk=first.pk).repeat_at is None


def test_customers_found_to_be_one_share_their_issues_and_part_again(cast, now):
    first, second = solved(cast, at=now), solved(cast, cast.emile, at=now + 2 * DAY)
    for ticket in (first, second):
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + 2 * DAY)
    people = {"from": cast.emile.pk, "to": cast.dana.pk}
    cast.emile.merged_into = cast.dana
    cast.emile.save(update_fields=["merged_into"])
    events.record("identity.merged", by=cast.acting("alice"), at=now + 3 * DAY, data=people)
    derive.refresh_facts(now=now + 3 * DAY)
    assert FactIssue.objects.get(pk=second.pk).customer_id == cast.dana.pk
    assert FactIssue.objects.get(pk=first.pk).repeat_at == now + 2 * DAY
    cast.emile.merged_into = None
    cast.emile.save(update_fields=["merged_into"])
    events.record("identity.unmerged", by=cast.acting("alice"), at=now + 4 * DAY, data=people)
    derive.refresh_facts(now=now + 4 * DAY)
    assert FactIssue.objects.get(pk=second.pk).customer_id == cast.emile.pk
    assert FactIssue.objects.get(pk=first.pk).repeat_at is None


def test_a_ticket_given_to_its_real_customer_leaves_the_other_ones_issues(cast, now):
    from tickets.customers import identity

    first, second = solved(cast, at=now), solved(cast, at=now + DAY)
    for ticket in (first, second):
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + DAY)
    derived(first, second)
    identity.change_customer(second, cast.emile, by=cast.acting("alice"), now=now + 2 * DAY)
    derived(second)
    assert FactIssue.objects.get(pk=first.pk).repeat_at is None
    assert FactIssue.objects.get(pk=second.pk).customer_id == cast.emile.pk
