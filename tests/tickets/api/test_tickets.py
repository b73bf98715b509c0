"""/api/v1/tickets/: what the owner of a key may read and write."""

from tests import make
from tickets.api import keys
from tickets.models import Message, Ticket


def test_no_key_no_answer(client, cast):
    assert client.get("/api/v1/tickets/").status_code == 401


def test_a_revoked_key_is_refused(client, cast, now):
    key, secret = keys.create_key(cast.alice, "x", ["read"], by=cast.acting("admin"), now=now)
    keys.revoke_key(key, by=cast.acting("admin"), now=now)
    assert client.get("/api/v1/tickets/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_lists_only_what_the_owner_may_see(api, cast):
    make.ticket(cast.web, cast.dana)
    assert len(api("get", "tickets/").json()["results"]) == 1
    assert api("get", "tickets/", person="mallory").json()["results"] == []


def test_a_strangers_ticket_does_not_exist(api, cast):
    ticket = make.ticket(cast.web, cast.dana)
    assert api("get", f"tickets/{ticket.pk}/").status_code == 200
    answer = api("get", f"tickets/{ticket.pk}/", person="mallory")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_writing_wants_the_scope(api, cast):
    ticket = make.ticket(cast.web, cast.dana)
    answer = api("put", f"tickets/{ticket.pk}/state/", scopes=["read"], state="solved")
    assert answer.status_code == 403


def test_hands_in_a_request_once(api, cast):
    body = {
        "queue": "orders",
        "customer": {"email": "new@person.example", "name": "Neo"},
        "subject": "Hello",
        "text": "From the shop.",
    }
    first = api("post", "tickets/", headers={"Idempotency-Key": "abc"}, **body)
    again = api("post", "tickets/", headers={"Idempotency-Key": "abc"}, **body)
    assert (first.status_code, again.json()["number"]) == (201, first.json()["number"])
    assert Ticket.objects.get(pk=first.json()["number"]).customer.name == "Neo"


def test_replies_as_the_owner(api, cast):
    ticket = make.ticket(cast.web, cast.dana)
    answer = api("post", f"tickets/{ticket.pk}/messages/", kind="out", text="On its way.", then="solved")
    assert answer.status_code == 201
    assert answer.json()["delivery"] == "queued"
    assert Message.objects.get(ticket=ticket, kind="out").author_user == cast.alice
    assert Ticket.objects.get(pk=ticket.pk).state == "solved"


def test_a_stale_reply_is_a_conflict(api, cast):
    ticket = make.ticket(cast.web, cast.dana)
    make.customer_message(ticket)
    answer = api("post", f"tickets/{ticket.pk}/messages/", kind="out", text="Late.", seen_seq=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")


def test_customers_follow_the_tickets_rights(api, cast):
    make.ticket(cast.web, cast.dana)
    listed = {row["name"] for row in api("get", "customers/", person="mallory").json()["results"]}
    assert "Dana Petit" not in listed
    assert api("get", f"customers/{cast.dana.public_id}/", person="mallory").status_code == 404


def test_query_count_of_the_list_does_not_grow(api, cast, django_assert_max_num_queries):
    for _ in range(12):
        make.ticket(cast.web, cast.dana)
    with django_assert_max_num_queries(14):  # two are a savepoint, which a test has for a transaction
        assert len(api("get", "tickets/").json()["results"]) == 12


def test_schema_is_openapi_3_1(client, db):
    answer = client.get("/api/schema/?format=json", headers={"accept": "application/json"})
    assert answer.json()["openapi"].startswith("3.1")
    assert "/api/v1/tickets/{number}/messages/" in answer.json()["paths"]
