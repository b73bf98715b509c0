"""Idempotency-Key: every copy of a request gets the same answer, and the request is executed once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection

from tests import make
from tests.cast import assemble
from tickets import housekeeping
from tickets.api import idempotency
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.models import ApiAnswer, Inbound, Message, Outbound, QueueMembership, Ticket

REQUEST = {
    "queue": "orders",
    "customer": {"email": "new@person.example", "name": "Neo"},
    "subject": "Hello",
    "text": "From the shop.",
}


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


def test_a_repeated_reply_reaches_the_customer_once(api, ticket):
    first, again = (
        api("post", f"tickets/{ticket.pk}/messages/", key="r1", kind="out", text="On its way.")
        for _ in range(2)
    )
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Outbound.objects.filter(ticket=ticket, kind="reply").count() == 1


def test_a_repeated_request_opens_one_ticket(api, cast):
    first, again = (api("post", "tickets/", key="a", **REQUEST) for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert Ticket.objects.count() == Inbound.objects.count() == 1


@pytest.mark.parametrize("path", ["tickets/", "tickets/{}/messages/"])
def test_another_body_with_the_same_key_is_a_conflict(api, ticket, path):
    body = REQUEST if path == "tickets/" else {"kind": "note", "text": "One."}
    api("post", path.format(ticket.pk), key="a", **body)
    other = api("post", path.format(ticket.pk), key="a", **{**body, "text": "Two."})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert not Message.objects.filter(text="Two.").exists()


def test_the_same_body_written_another_way_is_a_copy(api, ticket):
    path = f"tickets/{ticket.pk}/messages/"
    first = api("post", path, key="a", raw=b'{"kind": "note", "text": "One."}')
    again = api("post", path, key="a", raw=b'{"text":"One.","kind":"note"}')
    assert (again.status_code, again.content) == (201, first.content)


def test_another_address_with_the_same_key_is_a_conflict(api, cast, ticket):
    other = make.ticket(cast.web, cast.emile)
    api("post", f"tickets/{ticket.pk}/messages/", key="a", kind="note", text="One.")
    assert api("post", f"tickets/{other.pk}/messages/", key="a", kind="note", text="One.").status_code == 409


def test_each_api_key_has_its_own_idempotency_keys(api, ticket):
    for person in ("alice", "bob"):
        path = f"tickets/{ticket.pk}/messages/"
        assert api("post", path, person=person, key="a", kind="note", text=person).status_code == 201
    assert Message.objects.filter(ticket=ticket, kind="note").count() == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "state/", {"state": "solved"}),
        ("patch", "", {"subject": "Lamp"}),
        ("delete", "assignment/", {}),
    ],
)
def test_other_methods_take_a_key_too(api, ticket, method, path, body):
    first, again = (api(method, f"tickets/{ticket.pk}/{path}", key="a", **body) for _ in range(2))
    assert first.status_code < 300
    assert (first.status_code, first.content) == (again.status_code, again.content)


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "tab\tbed"])
def test_an_odd_key_is_explained(api, ticket, key):
    answer = api("post", f"tickets/{ticket.pk}/messages/", key=key, kind="note", text="x")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert not Message.objects.filter(kind="note").exists()


def test_what_was_not_understood_may_be_put_right_with_the_same_key(api, ticket):
    path = f"tickets/{ticket.pk}/messages/"
    assert api("post", path, key="a", kind="note", text="").status_code == 400
    assert api("post", path, key="a", kind="note", text="Now.").status_code == 201


def test_a_conflict_is_answered_again_as_it_was(api, ticket):
    make.customer_message(ticket)
    path = f"tickets/{ticket.pk}/messages/"
    first, again = (api("post", path, key="a", kind="out", text="Late.", seen_seq=seen) for seen in (1, 1))
    assert (first.status_code, first.content, again.content) == (409, first.content, first.content)
    assert "Idempotency-Replayed" in again.headers


def test_a_fault_of_ours_leaves_neither_effect_nor_answer(api, ticket, monkeypatch):
    write = replies.note

    def breaks(*args, **options):
        write(*args, **options)
        raise RuntimeError

    path = f"tickets/{ticket.pk}/messages/"
    monkeypatch.setattr(replies, "note", breaks)
    assert api("post", path, key="a", kind="note", text="x").status_code == 500
    assert not ApiAnswer.objects.exists()
    assert not Message.objects.filter(kind="note").exists()
    monkeypatch.setattr(replies, "note", write)
    assert api("post", path, key="a", kind="note", text="x").status_code == 201


def test_a_kept_answer_grants_no_sight_later(api, cast, ticket):
    ticket.set_assignee(None, by=cast.acting("carol"), now=database_now(), data={"reason": "x"})
    path = f"tickets/{ticket.pk}/messages/"
    api("post", path, key="a", kind="note", text="The canary.")
    QueueMembership.objects.filter(user=cast.alice).delete()
    answer = api("post", path, key="a", kind="note", text="The canary.")
    assert (answer.status_code, answer.json()["code"]) == (409, "answer_withheld")
    assert b"canary" not in answer.content


def test_answers_are_forgotten_after_two_days(api, ticket):
    api("post", f"tickets/{ticket.pk}/messages/", key="a", kind="note", text="x")
    now = database_now()
    assert housekeeping.delete_old_api_answers(now=now + timedelta(hours=47)) == 0
    assert housekeeping.delete_old_api_answers(now=now + timedelta(hours=49)) == 1


class TestAtOnce:
    """Copies that arrive while the first request is processed, each on its own connection."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def cast(self, transactional_db):
        return assemble()

    @pytest.mark.parametrize("what", ["ticket", "reply"])
    def test_parallel_copies_get_one_answer(self, api, cast, what):
        number = make.ticket(cast.web, cast.dana).pk if what == "reply" else 0
        path = f"tickets/{number}/messages/" if number else "tickets/"
        body = {"kind": "out", "text": "On its way."} if number else REQUEST
        api("get", "tickets/")  # the key is made
        answers = at_once(*[lambda: api("post", path, key="a", **body)] * 8)
        assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
        assert (Outbound.objects.filter(kind="reply").count(), Ticket.objects.count()) == (
            (1, 1) if number else (0, 1)
        )

    def test_a_copy_that_waits_too_long_is_told_so(self, api, cast, monkeypatch):
        ticket, write = make.ticket(cast.web, cast.dana), replies.note
        at_work, may_end = Event(), Event()

        def slowly(*args, **options):
            at_work.set()
            may_end.wait(20)
            return write(*args, **options)

        monkeypatch.setattr(replies, "note", slowly)
        monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
        path = f"tickets/{ticket.pk}/messages/"
        api("get", "tickets/")

        def second():
            at_work.wait(20)
            answer = api("post", path, key="a", kind="note", text="x")
            may_end.set()
            return answer

        first, copy = at_once(lambda: api("post", path, key="a", kind="note", text="x"), second)
        assert (first.status_code, copy.status_code, copy.json()["code"]) == (201, 409, "in_progress")
        assert int(copy.headers["Retry-After"]) > 0
        assert Message.objects.filter(kind="note").count() == 1

    def test_two_requests_at_once_make_one_channel(self, api, cast):
        api("get", "tickets/")
        answers = at_once(*[lambda: api("post", "tickets/", **REQUEST)] * 4)
        assert {answer.status_code for answer in answers} == {201}
        assert cast.orders.channel_set.filter(slug="api").count() == 1


def at_once(*calls):
    """Run calls in threads that start together; return what each returned."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
