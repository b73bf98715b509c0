"""How often somebody may try: counted in PostgreSQL, for all processes, with or without Redis."""

from __future__ import annotations

import pytest
from django.core.cache import cache, caches
from django.test import Client, override_settings

from helpdesk import limits
from helpdesk.limits import DatabaseLimits
from helpdesk.models import Limit
from tickets.clock import database_now

TOO_MANY = "Too many failed login attempts"


def says_too_many(response) -> bool:
    return TOO_MANY in response.content.decode()


def test_the_sixth_bad_password_for_an_account_is_refused_unseen(cast, sign_in):
    for _ in range(5):
        assert not says_too_many(sign_in(Client(), "alice@demo.example", "wrong-password"))
    assert says_too_many(sign_in(Client(), "alice@demo.example"))


def test_an_unknown_account_is_limited_just_the_same(cast, sign_in):
    answers = [sign_in(Client(), "nobody@demo.example", "wrong-password") for _ in range(6)]
    assert [says_too_many(answer) for answer in answers] == [False] * 5 + [True]


def test_one_place_trying_many_accounts_is_limited(cast, sign_in):
    answers = [sign_in(Client(), f"person{n}@demo.example", "wrong-password") for n in range(11)]
    assert says_too_many(answers[-1])


def test_a_client_behind_a_trusted_proxy_is_counted_by_its_own_address(cast, sign_in, settings):
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    for n in range(10):
        sign_in(Client(), f"person{n}@demo.example", "wrong-password", **{"X-Forwarded-For": "203.0.113.9"})
    other = sign_in(Client(), "alice@demo.example", **{"X-Forwarded-For": "203.0.113.10"})
    assert other.status_code == 302


def test_an_invented_forwarding_header_does_not_lift_the_limit(cast, sign_in):
    answers = [
        sign_in(
            Client(), f"person{n}@demo.example", "wrong-password", **{"X-Forwarded-For": f"203.0.113.{n}"}
        )
        for n in range(11)
    ]
    assert says_too_many(answers[-1])


def test_a_good_password_counts_against_no_limit(cast, sign_in):
    for _ in range(8):
        assert sign_in(Client(), "alice@demo.example").status_code == 302


def test_asking_for_a_new_password_is_limited(cast):
    answers = [Client().post("/accounts/password/reset/", {"email": "alice@demo.example"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]


@pytest.fixture
def dead_redis(redis_server):
    """Let the shared cache be a Redis that was killed."""
    shared = {
        "BACKEND": "helpdesk.cache.ForgivingRedisCache",
        "LOCATION": redis_server.url,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
    with override_settings(CACHES={"default": {"BACKEND": "helpdesk.cache.Cache"}, "shared": shared,
                                   "limits": {"BACKEND": "helpdesk.limits.DatabaseLimits"}}):  # fmt: skip
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
