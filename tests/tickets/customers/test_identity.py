"""Find the customer of a sender: one for each proved identity, a new one for each claim."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection, transaction

from tickets.channels.base import Sender
from tickets.customers import identity
from tickets.models import Customer, Identity

NEW = Sender("email", "new@person.example", name="Noé Petit", is_verified=True)
TYPED = replace(NEW, is_verified=False)


def test_somebody_new_is_made_with_their_address(cast, now):
    known = identity.resolve_sender(NEW, language="fr", now=now)
    customer = Customer.objects.get(pk=known.customer.pk)
    assert known.is_new
    assert (customer.name, customer.language, customer.email) == ("Noé Petit", "fr", "new@person.example")
    assert known.identity == Identity.objects.get(customer=customer)


def test_somebody_known_is_found_again(cast, now):
    first = identity.resolve_sender(NEW, language="fr", now=now)
    again = identity.resolve_sender(NEW, language="en", now=now)
    assert (again.customer, again.identity, again.is_new) == (first.customer, first.identity, False)


def test_whoever_types_an_address_is_somebody_new_each_time(cast, now):
    owner = identity.resolve_sender(NEW, language="fr", now=now).customer
    typed = [identity.resolve_sender(TYPED, language="fr", now=now).customer for _ in range(2)]
    assert len({owner, *typed}) == 3
    assert [person.email for person in typed] == ["", ""]


def test_a_claim_does_not_make_its_address_known(cast, now):
    claimant = identity.resolve_sender(TYPED, language="fr", now=now).customer
    assert identity.resolve_sender(NEW, language="fr", now=now).customer != claimant


def test_a_claim_knows_that_mail_to_its_address_comes_back(cast, now):
    identity.resolve_sender(NEW, language="", now=now)
    Identity.objects.filter(value=NEW.value).update(undeliverable_at=now, complained_at=now)
    claim = identity.resolve_sender(TYPED, language="", now=now).identity
    assert (claim.undeliverable_at, claim.complained_at) == (now, now)


def test_an_overlong_value_is_found_again(cast, now):
    sender = Sender("external", "x" * 400, is_verified=True)
    assert identity.resolve_sender(sender, language="", now=now).is_new
    assert not identity.resolve_sender(sender, language="", now=now).is_new


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sender", [NEW, Sender("phone", "+33199000777", is_verified=True)], ids=["email", "phone"]
)
def test_one_address_that_arrives_many_times_at_once_is_one_customer(cast, now, sender):
    customers, together = Customer.objects.count(), Barrier(4)

    def resolve(_number):
        try:
            with transaction.atomic():
                together.wait()
                return identity.resolve_sender(sender, language="", now=now).customer.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(resolve, range(4)))
    assert len(found) == 1
    assert Customer.objects.count() == customers + 1
