"""Beginning a ticket in a customer's name."""

from django.urls import reverse

from tests import make
from tickets.models import Customer, Message, Outbound, Ticket


def begin(client, cast, **fields):
    values = {
        "queue": cast.orders.pk, "channel": cast.mailbox.pk, "subject": "Your table", "text": "It is ready.",
        "how": "send", "who": "", "customer": "", "name": "", **fields,
    }  # fmt: skip
    return client.post(reverse("desk:new"), values)


def test_a_known_customer_is_written_to(cast, signed_in):
    response = begin(signed_in("alice"), cast, customer=cast.dana.pk)
    ticket = Ticket.objects.get()
    assert f'"opened": {{"number": {ticket.pk}}}' in response["HX-Trigger"]
    assert (ticket.customer, ticket.state, ticket.queue) == (cast.dana, "pending", cast.orders)
    assert Outbound.objects.get().to == "dana@petit.example"


def test_somebody_new_is_made_from_an_address(cast, signed_in):
    begin(signed_in("alice"), cast, who="new@person.example", name="New Person")
    claim = Customer.objects.get(name="New Person").identities.get()
    assert (claim.value, claim.is_claim) == ("new@person.example", True)


def test_an_address_by_which_an_agent_knows_somebody_is_theirs(cast, signed_in):
    make.ticket(cast.web, cast.dana)
    begin(signed_in("alice"), cast, who="Dana@petit.example", name="Somebody")
    assert {ticket.customer for ticket in Ticket.objects.all()} == {cast.dana}


def test_an_address_that_only_other_queues_know_is_nobodys(cast, signed_in):
    make.ticket(cast.web, cast.dana)
    secret = cast.mallory.memberships.get().queue
    begin(
        signed_in("mallory"), cast, who="dana@petit.example", name="Named", queue=secret.pk,
        channel=make.channel("email", secret, address="legal@demo.example").pk,
    )  # fmt: skip
    ticket = Ticket.objects.get(queue=secret)
    assert ticket.customer.name == "Named"
    assert Outbound.objects.get(kind="reply").to == "dana@petit.example"


def test_what_was_said_can_only_be_noted(cast, signed_in):
    begin(signed_in("alice"), cast, customer=cast.dana.pk, how="note")
    assert Message.objects.get().kind == "note"
    assert not Outbound.objects.exists()


def test_somebody_with_a_number_only_cannot_be_mailed_and_nothing_is_left_behind(cast, signed_in):
    response = begin(signed_in("alice"), cast, who="+33 6 12 34 56 78", name="Caller")
    assert response.status_code == 400
    assert "no mail address" in response.content.decode()
    assert not Ticket.objects.exists()
    assert not Customer.objects.filter(name="Caller").exists()


def test_nobody_named_is_asked_for(cast, signed_in):
    response = begin(signed_in("alice"), cast, who="somebody")
    assert response.status_code == 400
    assert "Choose somebody from the list" in response.content.decode()
    assert "It is ready." in response.content.decode()


def test_queues_and_mailboxes_of_others_cannot_be_chosen(cast, signed_in):
    secret = cast.mallory.memberships.get().queue
    assert begin(signed_in("alice"), cast, customer=cast.dana.pk, queue=secret.pk).status_code == 400
    assert begin(signed_in("mallory"), cast, customer=cast.dana.pk, queue=secret.pk).status_code == 400
    assert not Ticket.objects.exists()


def test_customers_of_other_queues_are_not_offered(cast, signed_in):
    hidden = make.customer("Petra Hidden", "petra@person.example")
    other = make.ticket(cast.web, hidden)
    Ticket.objects.filter(pk=other.pk).update(queue=cast.mallory.memberships.get().queue)
    shown = signed_in("alice").get(reverse("desk:people"), {"who": "pet"}).context["people"]
    assert [person.name for person in shown] == ["Dana Petit"]


def test_the_page_works_without_a_fragment_too(cast, signed_in):
    client = signed_in("alice", fragments=False)
    assert client.get(reverse("desk:new"), {"customer": cast.dana.pk}).context["chosen"] == cast.dana
    response = begin(client, cast, customer=cast.dana.pk)
    assert response.url == reverse("desk:ticket", args=[Ticket.objects.get().pk])


def test_the_mailbox_of_the_customers_language_comes_first(cast, signed_in):
    french = make.channel("email", cast.orders, address="aide@demo.example", language="fr")
    first = {}
    for customer in (cast.dana, cast.emile):
        page = signed_in("alice").get(reverse("desk:new"), {"customer": customer.pk}).content.decode()
        first[customer] = (
            page.partition('name="channel"')[2].partition('<option value="')[2].partition('"')[0]
        )
    assert first == {cast.dana: str(cast.mailbox.pk), cast.emile: str(french.pk)}
