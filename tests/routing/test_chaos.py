"""Four routers at once, some killed on the way: nothing twice, nothing lost, nobody over capacity."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.db.models import Count

from routing.benchmarks import scene
from routing.dispatch.agent_cache import find_connected_queues
from routing.models import Offer, Presence, WorkItem
from tests.cast import assemble
from tickets.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS, PEOPLE, ROUTERS, KILLS = 2000, 700, 4, 5

ROUTER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
import django
django.setup()
from django.db import connections
from django.conf import settings
connections["default"].settings_dict["NAME"] = sys.argv[1]
settings.BELLS_SILENT = True
from routing.dispatch import run
from tickets.clock import database_now
if sys.argv[2] == "guards":
    lock = "pg_try_advisory_xact_lock(%(lock)s, %(shard)s)"
    assert lock in run.LOCK_SHARD
    run.LOCK_SHARD = run.LOCK_SHARD.replace(lock, "TRUE")
print("ready", flush=True)
while True:
    run.assign_waiting_work(database_now())
"""


def router(how):
    name = connection.settings_dict["NAME"]
    return subprocess.Popen([sys.executable, "-c", ROUTER, name, how], stdout=subprocess.PIPE, text=True)


def waiting():
    return WorkItem.objects.waiting().count()


@pytest.mark.parametrize("how", ["lock", "guards"])
def test_killed_routers_give_everything_once(how):
    assemble()
    chance, killed = random.Random(7), 0
    now = database_now()
    scene.create_house(PEOPLE, now)
    scene.open_chats(scene.create_chat_tickets(ITEMS, now), now)
    routers = [router(how) for _ in range(ROUTERS)]
    for child in routers:
        child.stdout.readline()
    deadline = time.monotonic() + 300
    try:
        while waiting():
            assert time.monotonic() < deadline
            time.sleep(0.1)
            if killed < KILLS:
                victim = chance.randrange(ROUTERS)
                os.kill(routers[victim].pid, signal.SIGKILL)
                routers[victim].wait()
                routers[victim] = router(how)
                routers[victim].stdout.readline()
                killed += 1
            assert not overfull()
            scene.finish_offers(database_now())
    finally:
        for child in routers:
            child.kill()
            child.wait()
    assert killed
    assert (
        WorkItem.objects.filter(state="closed").count() + WorkItem.objects.filter(state="offered").count()
        == ITEMS
    )
    assert not Offer.objects.values("item").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert Offer.objects.count() == ITEMS


def overfull():
    """Whether somebody has less than nothing free, or more than one open offer."""
    asked = Offer.objects.standing().values("agent").annotate(n=Count("pk")).filter(n__gt=1)
    return Presence.objects.filter(free_units__lt=0).exists() or asked.exists()


def test_shards_are_queues_that_share_people():
    assert find_connected_queues([[1, 2], [2, 3], [5], [5], []]) == [frozenset({1, 2, 3}), frozenset({5})]
