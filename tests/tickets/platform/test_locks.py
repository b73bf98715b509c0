"""All locks are in one registry with unique numbers, and rows of several tables have a locking order."""

import re
from pathlib import Path

import pytest
from django.db import transaction

from tickets.platform import locks
from tickets.platform.locks import ROW_ORDER, KeyedLock, Lock

PACKAGES = ("helpdesk", "metrics", "routing", "tickets")
ROOT = Path(__file__).resolve().parents[3]
ADVISORY = re.compile(r"pg_(?:try_)?advisory|\b7_?402_?\d{3}\b")
ROW_LOCK = re.compile(r"(\w+)\.objects\.select_for_update\((?!skip_locked)")


def sources() -> dict[str, str]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def test_advisory_locks_are_taken_through_the_registry():
    own = {"tickets/platform/locks.py", "routing/dispatch/run.py"}  # the router asks other things with it
    assert [name for name, text in sources().items() if ADVISORY.search(text) and name not in own] == []


def test_every_row_that_is_locked_has_its_place_in_the_order():
    named = {found for text in sources().values() for found in ROW_LOCK.findall(text)}
    assert named - set(ROW_ORDER) == set()


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_free_again_after_the_transaction():
    with locks.open_own_connection("test") as other:
        with transaction.atomic():
            assert locks.try_lock(Lock.WALLBOARD)
            assert not locks.try_session_lock(Lock.WALLBOARD, other)
        assert locks.try_session_lock(Lock.WALLBOARD, other)


@pytest.mark.django_db(transaction=True)
def test_kinds_of_keys_do_not_wait_for_each_other():
    seeds = [int(lock) for lock in KeyedLock]
    with locks.open_own_connection("test") as other, transaction.atomic():
        locks.acquire_keyed_lock(KeyedLock.CALL, "1")
        free = "SELECT pg_try_advisory_lock(hashtextextended('1', seed)), seed FROM unnest(%s::int[]) AS seed"
        assert [seed for is_free, seed in other.execute(free, [seeds]) if not is_free] == [KeyedLock.CALL]


@pytest.mark.django_db(transaction=True)
def test_a_lock_over_several_transactions_is_let_go():
    with locks.open_own_connection("test") as other:
        with locks.hold_lock(Lock.PREPARE_DATABASE):
            assert not locks.try_session_lock(Lock.PREPARE_DATABASE, other)
        assert locks.try_session_lock(Lock.PREPARE_DATABASE, other)
