"""What the agents' and customers' main operations cost at 1,000, 10,000 and 100,000 tickets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from helpdesk.bench.cpu import peak_mib
from helpdesk.bench.floor import insert_rows
from helpdesk.bench.measure import measure_operation
from helpdesk.bench.server import Browser, web_server
from helpdesk.demo.shop import create_shop
from helpdesk.embedded.place import find_place
from helpdesk.embedded.roles import SUPERUSER
from helpdesk.history.load import load_history
from helpdesk.history.words import rare_word
from helpdesk.runtime.environment import data_folder
from routing.estimates import waits
from tickets.clock import database_now
from tickets.models import Queue, Ticket

SIZES = (1_000, 10_000, 100_000)
AGENT = "alice@demo.example"


@dataclass
class Scene:
    """Who is measured against what: a signed-in agent, a customer, and tickets to look at."""

    agent: Browser
    visitor: Browser
    roots: list[int]
    tickets: list[int]
    words: list[str]


def measure_pages(
    *, sizes: Sequence[int] = SIZES, times: int = 60, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Load history up to each size and measure every operation there; return the figures by size."""
    call_command("collectstatic", interactive=False, verbosity=0)
    if not Queue.objects.exists():
        create_shop(now=database_now())
    results: dict[str, Any] = {"sizes": {}}
    with ExitStack() as stack:
        port, web = stack.enter_context(web_server())
        database = postmaster()
        for size in sizes:
            grow_to(size, say)
            waits.refresh_counts(database_now())  # as the sweep does each minute
            scene = _scene(port, [web, database])
            results["sizes"][str(size)] = {
                name: {
                    **measure_operation(operation, times=times, roots=scene.roots),
                    "queries": _queries(scene, operation),
                }
                for name, operation in _operations(scene).items()
            }
            say(f"{size} tickets: {_line(results['sizes'][str(size)])}")
        results["floor"] = _floor(scene, times)
        results["web_peak_mib"] = round(peak_mib(web), 1)
    _add_ratios(results)
    return results


def _operations(scene: Scene) -> dict[str, Callable[[int], Any]]:
    """Return the operations by name; each takes the number of its run."""
    home, request = reverse("desk:home"), reverse("portal:request")

    def ticket(number: int) -> int:
        return scene.tickets[number % len(scene.tickets)]

    def create(number: int) -> None:
        # Every form comes from an address of its own, as it would: the limits are per address.
        peer = f"203.0.{number // 250 % 250}.{number % 250 + 1}"
        unique = uuid.uuid4().hex
        fields = {
            "email": f"bench{unique}@visitor.example", "name": "Visitor", "subject": f"Question {unique[:8]}",
            "text": "When does my table arrive? I have been waiting for two weeks.", "token": unique,
            "key": unique, "csrfmiddlewaretoken": scene.visitor.cookies.get("csrftoken", ""),
        }  # fmt: skip
        scene.visitor.post(request, fields, {"X-Forwarded-For": peer})

    def reply(number: int) -> None:
        fields = {
            "text": "It leaves today and is with you on Friday.",
            "kind": "reply",
            "then": "pending",
            "seen_seq": "999999",
        }
        scene.agent.post(reverse("desk:send", args=[ticket(number)]), fields, {"HX-Request": "true"})

    return {
        "list": lambda _: scene.agent.get(home),
        "ticket": lambda number: scene.agent.get(reverse("desk:ticket", args=[ticket(number)])),
        "search": lambda number: scene.agent.get(
            reverse("desk:search") + "?q=" + scene.words[number % len(scene.words)]
        ),
        "search_common": lambda _: scene.agent.get(reverse("desk:search") + "?q=delivery"),
        "create": create,
        "reply": reply,
    }


def _queries(scene: Scene, operation: Callable[[int], Any]) -> int | None:
    """Return how many queries one run of an operation takes."""
    scene.agent.queries = scene.visitor.queries = None
    with scene.agent.counting(), scene.visitor.counting():
        operation(1)
    return _last(scene.agent, scene.visitor)


def _last(*browsers: Browser) -> int | None:
    return next((browser.queries for browser in browsers if browser.queries is not None), None)


def _scene(port: int, roots: list[int]) -> Scene:
    agent = Browser(port, {"sessionid": _session()})
    agent.get(reverse("desk:home"))
    visitor = Browser(port)
    visitor.get(reverse("portal:request"))
    newest = Ticket.objects.filter(subject__contains=" zx").order_by("-id")
    tickets = list(newest.filter(state__in=("new", "open", "pending")).values_list("pk", flat=True)[:400])
    words = [rare_word(place * 7) for place in range(50)]
    return Scene(agent, visitor, roots, tickets, words)


def _session() -> str:
    """Sign the agent in as the sign-in page would."""
    user: Any = get_user_model().objects.get(email=AGENT)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "helpdesk.accounts.backends.EmailBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def grow_to(size: int, say: Callable[[str], None]) -> None:
    """Load history until there are `size` tickets."""
    missing = size - Ticket.objects.count()
    if missing > 0:
        load_history(missing, now=database_now(), seed=size, say=lambda _: None)
        settle_database()
        say(f"{size} tickets loaded")


def settle_database() -> None:
    """Have the database finish what loading left to do, so that no page is charged for it.

    What was written by the million is vacuumed, counted and brought to disk: otherwise autovacuum and the
    next checkpoint would do so while pages are measured. Only the embedded server is told to checkpoint.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    if settings.EMBEDDED:
        with psycopg.connect(find_place(data_folder()).url(SUPERUSER), autocommit=True) as server:
            server.execute("CHECKPOINT")


def _floor(scene: Scene, times: int) -> dict[str, Any]:
    """Measure what nothing can beat on this server: an empty view, one query, the bare insert."""
    return {
        "empty_view": measure_operation(
            lambda _: scene.agent.get("/bench/empty/"), times=times * 3, roots=scene.roots
        ),
        "one_query_view": measure_operation(
            lambda _: scene.agent.get("/bench/query/"), times=times * 3, roots=scene.roots
        ),
        "insert": measure_operation(insert_rows, times=times * 3, roots=scene.roots[1:]),
    }


def _add_ratios(results: dict[str, Any]) -> None:
    """Say how flat each operation is (largest size over smallest) and how far above the one-query view."""
    ordered = list(results["sizes"].values())
    floor = max(results["floor"]["one_query_view"]["cpu_ms"], 0.01)
    results["ratios"] = {
        name: {
            "growth": round(ordered[-1][name]["cpu_ms"] / max(ordered[0][name]["cpu_ms"], 0.01), 2),
            "times_one_query_view": round(ordered[-1][name]["cpu_ms"] / floor, 1),
        }
        for name in ordered[-1]
    }


def postmaster() -> int:
    """Return the process id of the database server, which must run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with open(f"/proc/{backend}/stat") as file:  # noqa: PTH123
        return int(file.read().rpartition(")")[2].split()[1])


def _line(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {figure['cpu_ms']} ms" for name, figure in figures.items())
