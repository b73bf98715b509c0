"""How often somebody may try: counted in PostgreSQL, for all processes, with or without Redis."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import signing
from django.core.cache import cache, caches
from django.test import Client, override_settings

from helpdesk.accounts import adapter, devices, forms
from helpdesk.databases import limits
from helpdesk.databases.limits import DatabaseLimits
from helpdesk.models import Limit
from tests.cast import NOON
from tickets.clock import database_now
from tickets.models import Outbound

LINK = re.compile(r"http://127\.0\.0\.1:8000(/accounts/password/reset/key/\S+)")
TOO_MANY = "Too many failed login attempts"
WAIT = re.compile(r"Wait (\d+) seconds and sign in again")
WRONG = "wrong-password"


class Clock:
    """The database's clock, which a test moves on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in (adapter, forms):
        monkeypatch.setattr(module, "database_now", clock)
    return clock


def says_too_many(response) -> bool:
    return TOO_MANY in response.content.decode()


def wait_told(response) -> int:
    found = WAIT.search(response.content.decode())
    return int(found[1]) if found else 0


def place(number: int) -> Client:
    """Return a new browser in a network of its own."""
    return Client(REMOTE_ADDR=f"203.0.113.{number}")


def attack(sign_in, clock, *, email: str = "alice@demo.example", first: int = 1, places: int = 6) -> None:
    """Use up the account's budget from several networks."""
    for number in range(first, first + places):
        for _ in range(5):
            sign_in(place(number), email, WRONG)
    clock.move(61)


def known_browser(sign_in, **where: str) -> Client:
    browser = Client(**where)
    assert sign_in(browser, "alice@demo.example").status_code == 302
    browser.post("/accounts/logout/")
    return browser


def test_the_sixth_bad_password_from_one_network_is_refused_unseen(cast, sign_in):
    for _ in range(5):
        assert not says_too_many(sign_in(Client(), "alice@demo.example", WRONG))
    assert says_too_many(sign_in(Client(), "alice@demo.example"))


def test_a_stranger_elsewhere_does_not_keep_the_owner_out(cast, sign_in):
    for _ in range(20):
        sign_in(place(1), "alice@demo.example", WRONG)
    assert sign_in(place(2), "alice@demo.example").status_code == 302


def test_an_ipv6_subscriber_is_one_network(cast, sign_in):
    for n in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), "alice@demo.example", WRONG)
    assert says_too_many(sign_in(Client(REMOTE_ADDR="2001:db8:1:2:ffff::1"), "alice@demo.example"))
    assert sign_in(Client(REMOTE_ADDR="2001:db8:1:3::1"), "alice@demo.example").status_code == 302


def test_strangers_do_not_slow_a_browser_in_which_the_owner_signed_in(cast, sign_in, clock):
    browser = known_browser(sign_in)
    attack(sign_in, clock)
    assert sign_in(browser, "alice@demo.example").status_code == 302


def test_nor_where_a_proxy_forwards_no_address_and_everybody_is_one_network(cast, sign_in):
    browser = known_browser(sign_in)
    for n in range(30):
        sign_in(Client(), f"person{n % 3}@demo.example", WRONG)
        sign_in(Client(), "alice@demo.example", WRONG)
    assert says_too_many(sign_in(Client(), "alice@demo.example"))
    assert sign_in(browser, "alice@demo.example").status_code == 302


def test_a_known_browser_has_a_budget_too(cast, sign_in):
    browser = known_browser(sign_in)
    for _ in range(10):
        assert not says_too_many(sign_in(browser, "alice@demo.example", WRONG))
    assert says_too_many(sign_in(browser, "alice@demo.example"))
    assert sign_in(place(9), "alice@demo.example").status_code == 302


def test_a_browser_is_known_for_the_account_that_signed_in_and_no_other(cast, sign_in):
    browser = known_browser(sign_in)
    for _ in range(5):
        sign_in(browser, "bob@demo.example", WRONG)
    assert says_too_many(sign_in(browser, "bob@demo.example"))


def test_two_people_who_share_a_browser_are_both_known(cast, sign_in, clock):
    browser = known_browser(sign_in)
    assert sign_in(browser, "bob@demo.example").status_code == 302
    browser.post("/accounts/logout/")
    for email in ("alice@demo.example", "bob@demo.example"):
        attack(sign_in, clock, email=email)
        assert sign_in(browser, email).status_code == 302
        browser.post("/accounts/logout/")


@pytest.mark.parametrize("value", ["", "x", "e30:1:2", "e30:1tJ9xh:ZZ"])
def test_an_invented_device_cookie_helps_nobody(cast, sign_in, value):
    for _ in range(5):
        sign_in(Client(headers={"cookie": f"{devices.COOKIE}={value}"}), "alice@demo.example", WRONG)
    assert says_too_many(sign_in(Client(), "alice@demo.example"))


def test_the_device_cookie_names_nobody_and_is_for_the_sign_in_alone(cast, sign_in):
    cookie = known_browser(sign_in).cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/accounts/")
    assert "alice" not in str(signing.loads(cookie.value, salt=devices.SALT))


def test_many_networks_together_make_the_next_one_wait_shortly(cast, sign_in, clock):
    attack(sign_in, clock)
    owner = place(50)
    wait = wait_told(sign_in(owner, "alice@demo.example"))
    assert 0 < wait <= 16
    assert wait_told(sign_in(owner, "alice@demo.example")) == wait
    clock.move(wait)
    assert sign_in(owner, "alice@demo.example").status_code == 302


def test_networks_get_their_turns_one_after_the_other(cast, sign_in, clock):
    attack(sign_in, clock)
    waits = [wait_told(sign_in(place(number), "alice@demo.example", WRONG)) for number in range(20, 26)]
    assert waits == [16, 26, 36, 46, 56, 66]


def test_a_turn_is_for_one_try(cast, sign_in, clock):
    attack(sign_in, clock)
    wait = wait_told(sign_in(place(50), "alice@demo.example", WRONG))
    clock.move(wait)
    assert not wait_told(sign_in(place(50), "alice@demo.example", WRONG))
    assert wait_told(sign_in(place(50), "alice@demo.example"))


def test_with_very_many_networks_the_way_is_the_mail(cast, sign_in, clock):
    attack(sign_in, clock)
    for number in range(20, 40):
        sign_in(place(number), "alice@demo.example", WRONG)
    owner = place(90)
    assert says_too_many(sign_in(owner, "alice@demo.example"))
    choose_new_password(owner, "alice@demo.example")
    assert sign_in(owner, "alice@demo.example", "a-much-longer-password").status_code == 302


def test_an_unknown_account_is_limited_just_the_same(cast, sign_in, clock):
    answers = [sign_in(Client(), "nobody@demo.example", WRONG) for _ in range(6)]
    assert [says_too_many(answer) for answer in answers] == [False] * 5 + [True]
    attack(sign_in, clock, email="nobody@demo.example")
    assert wait_told(sign_in(place(50), "nobody@demo.example", WRONG)) == 16


def test_one_place_trying_many_accounts_is_limited(cast, sign_in):
    answers = [sign_in(Client(), f"person{n}@demo.example", WRONG) for n in range(11)]
    assert says_too_many(answers[-1])
    assert sign_in(place(2), "alice@demo.example").status_code == 302


def test_a_patient_place_is_limited_by_the_hour(cast, sign_in, clock):
    for n in range(60):
        assert not says_too_many(sign_in(Client(), f"person{n}@demo.example", WRONG))
        clock.move(20)
    assert says_too_many(sign_in(Client(), "person61@demo.example", WRONG))


def test_a_client_behind_a_trusted_proxy_is_counted_by_its_own_address(cast, sign_in, settings):
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    for n in range(10):
        sign_in(Client(), f"person{n}@demo.example", WRONG, **{"X-Forwarded-For": "203.0.113.9"})
    other = sign_in(Client(), "alice@demo.example", **{"X-Forwarded-For": "203.0.113.10"})
    assert other.status_code == 302


def test_an_invented_forwarding_header_does_not_lift_the_limit(cast, sign_in):
    answers = [
        sign_in(Client(), f"person{n}@demo.example", WRONG, **{"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(11)
    ]
    assert says_too_many(answers[-1])


def test_a_good_password_counts_against_no_limit(cast, sign_in):
    for _ in range(40):
        assert sign_in(Client(), "alice@demo.example").status_code == 302


# ---------------------------------------------------------------- a forgotten password


def ask(email: str = "alice@demo.example", browser: Client | None = None) -> int:
    return (browser or Client()).post("/accounts/password/reset/", {"email": email}).status_code


def links() -> list[str]:
    rows = Outbound.objects.filter(kind=Outbound.Kind.ACCOUNT).order_by("pk")
    return [found[0] for row in rows if (found := LINK.findall(row.payload.get("text", "")))]


def choose_new_password(browser: Client, email: str) -> None:
    ask(email, browser)
    page = browser.get(links()[-1], follow=True)
    new = {"password1": "a-much-longer-password", "password2": "a-much-longer-password"}
    assert browser.post(page.redirect_chain[-1][0], new).status_code == 302


def test_a_stranger_does_not_fill_the_mailbox_and_learns_nothing_of_it(cast):
    assert [ask(browser=place(n)) for n in range(1, 8)] == [302] * 7
    assert len(links()) == 3


def test_the_owner_then_has_a_link_that_works(cast, sign_in):
    for n in range(1, 8):
        ask(browser=place(n))
    page = place(50).get(links()[0], follow=True)
    assert b"password1" in page.content


def test_a_known_browser_gets_its_own_link_all_the_same(cast, sign_in):
    browser = known_browser(sign_in)
    for n in range(1, 8):
        ask(browser=place(n))
    ask(browser=browser)
    assert len(links()) == 4


def test_one_place_asking_for_many_is_refused_and_a_known_browser_there_is_not(cast, sign_in):
    browser = known_browser(sign_in)
    answers = [ask(f"person{n}@demo.example") for n in range(21)]
    assert answers == [302] * 20 + [200]
    assert ask(browser=browser) == 302


# ---------------------------------------------------------------- a second factor


@pytest.fixture
def secret(cast) -> str:
    """Give Alice an authenticator app."""
    secret = str(generate_totp_secret())
    TOTP.activate(cast.alice, secret)
    return secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def second_step(browser: Client, sign_in, code: str):
    sign_in(browser, "alice@demo.example")
    return browser.post("/accounts/2fa/authenticate/", {"code": code})


def test_codes_are_limited_by_network_and_a_known_browser_is_not_slowed(cast, sign_in, secret):
    browser = Client()
    assert second_step(browser, sign_in, code_of(secret)).status_code == 302
    browser.post("/accounts/logout/")
    stranger = place(1)
    for _ in range(5):
        assert not says_too_many(second_step(stranger, sign_in, "000000"))
    assert says_too_many(second_step(stranger, sign_in, "000000"))
    cache.clear()  # a code is good for one use
    assert second_step(browser, sign_in, code_of(secret)).status_code == 302


def test_codes_from_many_networks_are_bounded_for_the_account(cast, sign_in, secret, clock):
    for number in range(1, 11):
        assert not says_too_many(second_step(place(number), sign_in, "000000"))
    assert says_too_many(second_step(place(11), sign_in, code_of(secret)))
    for quarter in range(1, 6):
        clock.move(900)
        for number in range(20 * quarter, 20 * quarter + 10):
            second_step(place(number), sign_in, "000000")
    clock.move(900)
    assert says_too_many(second_step(place(200), sign_in, code_of(secret)))


@pytest.fixture
def dead_redis(redis_server):
    """Let the shared cache be a Redis that was killed."""
    shared = {
        "BACKEND": "helpdesk.databases.cache.ForgivingRedisCache",
        "LOCATION": redis_server.url,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
    caches = {
        "default": {"BACKEND": "helpdesk.databases.cache.Cache"},
        "shared": shared,
        "limits": {"BACKEND": "helpdesk.databases.limits.DatabaseLimits"},
    }
    with override_settings(CACHES=caches):
        redis_server.kill()
        yield


def test_with_redis_dead_people_sign_in_and_the_limit_holds(cast, sign_in, dead_redis):
    for _ in range(5):
        sign_in(Client(), "alice@demo.example", "wrong-password")
    assert says_too_many(sign_in(Client(), "alice@demo.example"))
    assert sign_in(Client(), "bob@demo.example").status_code == 302


def test_with_redis_dead_other_values_are_merely_worked_out_again(db, dead_redis):
    cache.set("chat-status", "old", 60)
    assert cache.get_or_set("chat-status", lambda: "new", 60) == "new"


def test_limits_are_seen_by_every_process_and_survive_a_cleared_cache(db):
    cache.set("allauth:rl:x", [1.5, 2.5], 60)
    cache.clear()
    assert DatabaseLimits("", {}).get("allauth:rl:x") == [1.5, 2.5]
    assert caches["shared"].get("allauth:rl:x") is None


def test_a_lock_is_given_once_and_again_when_its_time_is_over(db):
    store = DatabaseLimits("", {})
    assert [store.add("lock", True, 60), store.add("lock", True, 60)] == [True, False]
    Limit.objects.update(expires_at=database_now())
    assert store.add("lock", True, 60)


def test_what_is_over_is_not_given_back_and_forgotten_by_the_sweep(db):
    store = DatabaseLimits("", {})
    store.set("old", 1, 60)
    Limit.objects.update(expires_at=database_now())
    assert store.get("old", "gone") == "gone"
    assert limits.forget_expired(database_now()) == 1
