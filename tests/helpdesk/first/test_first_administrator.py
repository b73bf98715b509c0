"""The first page: one link, one administrator, once; closed for good as soon as somebody has an account."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from helpdesk.first import setting_up
from helpdesk.first.setting_up import Beginnings
from tests import make
from tickets.clock import database_now
from tickets.errors import NotFound
from tickets.models import Channel, Company, Queue, QueueMembership

FORM = {
    "language": "fr",
    "company": "Atelier Brun",
    "name": "Jeanne Brun",
    "email": "Jeanne@Brun.example",
    "password": "a-long-first-password",
    "queue": "Commandes",
    "mailbox": "aide@brun.example",
}
User = get_user_model()


def link(**earlier: int) -> str:
    """Return the page's path, of a link made now or some time ago."""
    address = setting_up.create_setup_link(now=database_now() - timedelta(**earlier))
    return "/first/" + address.rpartition("/first/")[2]


def test_the_page_makes_company_administrator_queue_and_mailbox(db):
    client = Client()
    answer = client.post(link(), FORM)
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.language, user.is_superuser) == ("jeanne@brun.example", "fr", True)
    assert user.check_password(FORM["password"])
    assert Company.current().name == "Atelier Brun"
    assert QueueMembership.objects.get(user=user).queue.name_fr == "Commandes"
    assert set(Channel.objects.values_list("slug", "address")) == {
        ("web", ""),
        ("email", "aide@brun.example"),
    }
    assert client.get(answer["Location"], follow=True).status_code == 200


def test_looking_at_it_uses_nothing_up(db):
    address = link()
    assert [Client().get(address).status_code for _ in range(2)] == [200, 200]


def test_a_second_use_is_refused_and_changes_nothing(db):
    address = link()
    Client().post(address, FORM)
    assert Client().post(address, FORM | {"email": "mallory@brun.example"}).status_code == 404
    assert Client().get(address).status_code == 404
    assert User.objects.count() == 1


def test_a_wrong_token_opens_nothing(db):
    link()
    assert Client().get("/first/wrong/").status_code == 404
    assert Client().post("/first/wrong/", FORM).status_code == 404
    assert not User.objects.exists()


def test_a_day_later_it_is_over(db):
    assert Client().get(link(hours=24, seconds=1)).status_code == 404


def test_a_newer_link_ends_the_earlier_one(db):
    first, second = link(minutes=5), link()
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)


def test_once_somebody_has_an_account_no_link_works_or_is_made(db):
    address = link()
    make.user("alice")
    assert Client().post(address, FORM).status_code == 404
    with pytest.raises(CommandError, match="set up already"):
        call_command("first_link")


def test_the_command_prints_a_link_that_works(db):
    out = StringIO()
    call_command("first_link", stdout=out)
    assert Client().get("/first/" + out.getvalue().strip().rpartition("/first/")[2]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"password": "password"}, {"email": "nobody"}, {"mailbox": FORM["email"].lower()}, {"company": ""}],
    ids=str,
)
def test_a_wrong_answer_is_said_and_leaves_the_link_alive(db, wrong):
    address = link()
    answer = Client().post(address, FORM | wrong)
    assert answer.status_code == 400
    assert 'class="field__error"' in answer.content.decode()
    assert not Queue.objects.exists()
    assert Client().post(address, FORM).status_code == 302


def test_the_mailbox_can_wait(db):
    assert Client().post(link(), FORM | {"mailbox": ""}).status_code == 302
    assert list(Channel.objects.values_list("slug", flat=True)) == ["web"]


def test_of_two_at_once_one_becomes_administrator(transactional_db):
    token = link().strip("/").rpartition("/")[2]
    done: list[str] = []
    together = threading.Barrier(2)

    def race(email: str) -> None:
        together.wait(10)
        try:
            chosen = Beginnings(**FORM | {"email": email})
            done.append(setting_up.set_up_installation(token, chosen, now=database_now()).email)
        except NotFound:
            done.append("")
        finally:
            connection.close()

    racers = [threading.Thread(target=race, args=(f"{name}@brun.example",)) for name in ("one", "two")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert min(done) == ""
    assert list(User.objects.values_list("email", flat=True)) == [max(done)]
    assert Queue.objects.count() == 1
