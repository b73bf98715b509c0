"""A forgotten password: a mail by the outbox to the account's own address, a link that works once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import make
from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.models import Event, Outbound

NEW = "a-much-longer-password"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/accounts/password/reset/key/\S+)")


def ask(email: str, **headers: str):
    return Client(headers=headers).post("/accounts/password/reset/", {"email": email})


def mails() -> list[Outbound]:
    return list(Outbound.objects.filter(kind=Outbound.Kind.ACCOUNT).order_by("pk"))


def link() -> str:
    return str(LINK.findall(mails()[-1].payload["text"])[0])


def set_password(address: str, password: str = NEW):
    client = Client()
    page = client.get(address, follow=True)
    form = {"password1": password, "password2": password}
    return client.post(page.redirect_chain[-1][0], form) if page.redirect_chain else page


def test_the_mail_waits_in_the_outbox_and_leaves_by_it(cast, mailoutbox):
    ask("alice@demo.example")
    assert [(mail.to, mail.state) for mail in mails()] == [("alice@demo.example", "queued")]
    outbox.deliver(mails()[0].pk, now=database_now())
    assert "/accounts/password/reset/key/" in mailoutbox[0].body
    assert mails()[0].payload == {}


def test_it_is_written_in_the_persons_own_language_and_names_the_company(cast):
    ask("alice@demo.example")
    said = mails()[0].payload
    assert said["subject"] == "Choose a new password for Tandem"
    assert said["text"].startswith("Hello Alice,")
    assert link() in said["html"]


def test_the_answer_is_the_same_for_an_address_nobody_has_and_nothing_is_sent_there(cast):
    known, unknown = ask("alice@demo.example"), ask("stranger@elsewhere.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mails()] == ["alice@demo.example"]


def test_nothing_is_sent_to_a_switched_off_account(cast):
    make.user("former", is_active=False)
    ask("former@demo.example")
    assert mails() == []


@pytest.mark.parametrize(
    "address", ["support@demo.example", "Support@demo.example", "support+x@demo.example"]
)
def test_no_link_is_ever_sent_to_a_mailbox_of_ours(cast, address):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(email=address)
    assert ask(address).status_code == 302
    assert mails() == []


def test_the_link_names_our_own_host_whatever_the_request_called_us(cast):
    ask("alice@demo.example", host="localhost")
    assert "localhost" not in mails()[0].payload["text"]
    assert link()


def test_the_link_works_once(cast, sign_in):
    ask("alice@demo.example")
    address = link()
    assert set_password(address).status_code == 302
    assert sign_in(Client(), "alice@demo.example", NEW).status_code == 302
    assert b"password1" not in set_password(address, "another-long-password").content
    assert sign_in(Client(), "alice@demo.example", NEW).status_code == 302
    assert Event.objects.get(kind="account.password").data == {"user": cast.alice.pk, "how": "reset"}


def test_the_link_signs_nobody_in_by_itself(cast):
    ask("alice@demo.example")
    client = Client()
    client.get(link(), follow=True)
    assert client.get("/accounts/settings/").status_code == 302


def test_an_earlier_link_ends_with_the_password_it_was_for(cast):
    ask("alice@demo.example")
    first = link()
    ask("alice@demo.example")
    set_password(link())
    assert b"password1" not in set_password(first).content


def test_a_new_password_ends_every_session(cast, sign_in):
    browser = Client()
    sign_in(browser, "alice@demo.example")
    ask("alice@demo.example")
    set_password(link())
    assert browser.get("/accounts/settings/").status_code == 302
