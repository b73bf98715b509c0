"""The demo accounts' password: no two installations share one, and every start can say it."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client

from helpdesk.demo import logins
from helpdesk.runtime.environment import REPOSITORY
from tests import make
from tests.cast import NOON
from tickets.models import Event

PLAIN_PROXY = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def comes_in(password: str, email: str = "admin@demo.example") -> bool:
    form = {"login": email, "password": password}
    return Client(**PLAIN_PROXY).post("/accounts/login/", form).status_code == 302


@pytest.fixture
def admin(db) -> Any:
    """Give the demo administrator as an earlier version made it."""
    admin = make.user("admin", is_demo=True, is_superuser=True)
    admin.password = make_password("tandem-demo")
    admin.save(update_fields=["password"])
    return admin


def printed() -> str:
    out = StringIO()
    call_command("demo_logins", stdout=out)
    return out.getvalue()


def test_a_well_known_password_is_put_right_at_the_next_start(admin):
    assert logins.renew_passwords(now=NOON) == 1
    assert not comes_in("tandem-demo")
    assert comes_in(logins.demo_password())


def test_its_sessions_end_with_it(admin):
    client = Client()
    client.force_login(admin)
    logins.renew_passwords(now=NOON)
    assert client.get("/accounts/settings/").status_code == 302


def test_the_second_start_changes_nothing(admin):
    logins.renew_passwords(now=NOON)
    assert logins.renew_passwords(now=NOON) == 0
    assert Event.objects.filter(kind="account.password").count() == 1


def test_preparing_the_database_puts_it_right_too(admin):
    call_command("prepare_database", verbosity=0)
    assert not comes_in("tandem-demo")


def test_another_key_and_another_setting_give_another_password_at_the_next_start(admin, settings):
    for name, value in (("SECRET_KEY", "another-key" * 5), ("DEMO_PASSWORD", "chosen-by-hand")):
        before = logins.demo_password()
        logins.renew_passwords(now=NOON)
        setattr(settings, name, value)
        assert logins.renew_passwords(now=NOON) == 1
        assert comes_in(logins.demo_password())
        assert not comes_in(before)


def test_a_password_that_a_person_chose_stays_and_is_not_told(admin):
    admin.set_password("chosen-by-its-person")
    admin.save(update_fields=["password"])
    assert logins.renew_passwords(now=NOON) == 0
    assert logins.describe_logins() == ""
    with pytest.raises(CommandError, match="no demo accounts"):
        printed()


def test_the_command_prints_the_logins_that_there_are(admin):
    assert printed().strip() == f"Demo logins, password {logins.demo_password()}: admin@demo.example"


def test_nobody_elses_password_is_touched(admin):
    person = make.user("person")
    person.set_password("tandem-demo")
    person.save(update_fields=["password"])
    logins.renew_passwords(now=NOON)
    assert comes_in("tandem-demo", "person@demo.example")


def test_it_is_long_random_and_can_be_typed(settings):
    groups = logins.demo_password().split("-")
    assert [len(group) for group in groups] == [5, 5, 5, 5]
    settings.SECRET_KEY = "another-key" * 5
    assert logins.demo_password().split("-") != groups


def test_signing_in_does_not_make_it_look_like_a_persons_own(admin):
    logins.renew_passwords(now=NOON)
    comes_in(logins.demo_password())
    assert logins.describe_logins()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TANDEM_DEMO_PASSWORD", "demo", "TANDEM_DEMO_PASSWORD is too short"),
        ("TANDEM_METRICS_TOKEN", "monitor", "TANDEM_METRICS_TOKEN is too short"),
        ("TANDEM_TRUSTED_PROXIES", "10.0.0.0/8", "TANDEM_TRUSTED_PROXIES takes IP addresses"),
    ],
)
def test_a_setting_that_protects_nothing_is_refused_at_the_start(name, value, sentence):
    own = {name: value, "DATABASE_URL": "postgresql://nobody@localhost/none", "SECRET_KEY": "k" * 50}
    done = subprocess.run(
        [sys.executable, "manage.py", "simulate", "--help"],
        cwd=REPOSITORY, env=os.environ | own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
