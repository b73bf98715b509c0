"""What a load balancer, a monitor and an administrator may ask: /healthz, /readyz and /metrics.

Strangers learn by the status whether pages can be served, and nothing else. The details are for signed-in
administrators and for a monitor that sends TANDEM_METRICS_TOKEN. Where a request comes from opens nothing:
behind a proxy everybody comes from the proxy.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.db.models import Min, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from redis import Redis, RedisError

from helpdesk.models import Heartbeat
from helpdesk.runtime.processes import PROCESSES
from tickets.clock import database_now
from tickets.models import Channel, Inbound, Outbound

BROKER_SECONDS = 0.5
STALE_HEARTBEAT_SECONDS = 60
LATE_ROW_SECONDS = 120
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Check:
    """One thing looked at. Only without the vital ones can no page be served."""

    name: str
    is_ok: bool
    detail: str
    is_vital: bool = False
    seconds: float | None = None
    rows: int | None = None

    def facts(self) -> dict[str, object]:
        """Return what there is to tell."""
        values = {"ok": self.is_ok, "detail": self.detail, "seconds": self.seconds, "rows": self.rows}
        return {name: value for name, value in values.items() if value is not None}


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process answers anything."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when pages can be served, else 503; insiders read what is late or away.

    A dead broker or worker delays work and stops no page, so it shows as "degraded" and stays 200.
    """
    if not _is_insider(request):
        return _answer_stranger(request)
    checks = run_checks()
    can_serve = _can_serve(checks)
    is_well = all(check.is_ok for check in checks)
    status = ("ready" if is_well else "degraded") if can_serve else "not ready"
    body = {"status": status, "checks": {check.name: check.facts() for check in checks}}
    return JsonResponse(body, status=200 if can_serve else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer insiders in the OpenMetrics format, others as /readyz does."""
    if not _is_insider(request):
        return _answer_stranger(request)
    registry = CollectorRegistry()
    Gauge("tandem_up", "Whether Tandem answers", registry=registry).set(1)
    _measure(registry, run_checks())
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def run_checks() -> list[Check]:
    """Check everything Tandem needs; never raises, and waits at most half a second for the broker."""
    database = _database()
    if not database.is_ok:
        return [database, _broker()]
    try:
        now = database_now()
        rows = [*_heartbeats(now), _inbound(now), _outbound(now), *_mailboxes(now)]
    except DatabaseError as error:
        return [_unusable(error), _broker()]
    return [database, _broker(), *rows]


def _database() -> Check:
    """Ask the one thing without which no page can be served, by one cheap query: strangers may ask it too."""
    try:
        Heartbeat.objects.exists()
    except DatabaseError as error:
        return _unusable(error)
    return Check("database", is_ok=True, detail="answers", is_vital=True)


def _unusable(error: DatabaseError) -> Check:
    detail = "gone" if isinstance(error, OperationalError) else "not prepared: run manage.py prepare_database"
    return Check("database", is_ok=False, detail=detail, is_vital=True)


def _broker() -> Check:
    url = settings.CELERY_BROKER_URL
    if not url.startswith("redis"):
        return Check("broker", is_ok=True, detail="in memory")
    client = Redis.from_url(url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS)
    try:
        client.ping()
    except RedisError as error:
        return Check(
            "broker", is_ok=False, detail=f"{type(error).__name__}: work goes on by the sweep, later"
        )
    finally:
        client.close()
    return Check("broker", is_ok=True, detail="answers")


def _heartbeats(now: datetime) -> Iterable[Check]:
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    for name in (beat for process in PROCESSES for beat in process.beats):
        if name not in seen:
            yield Check(name, is_ok=False, detail="never seen")
            continue
        age = (now - seen[name]).total_seconds()
        yield Check(name, is_ok=age < STALE_HEARTBEAT_SECONDS, detail=f"seen {age:.0f} s ago", seconds=age)


def _inbound(now: datetime) -> Check:
    due = Inbound.objects.due(now).order_by()
    oldest = due.aggregate(at=Min("received_at"))["at"]
    return _waiting("received", "not yet read", due.count(), oldest, now)


def _outbound(now: datetime) -> Check:
    due = Outbound.objects.due(now).order_by()
    oldest = due.aggregate(at=Min("next_attempt_at"))["at"]
    return _waiting("outbox", "due to be sent", due.count(), oldest, now)


def _waiting(name: str, what: str, rows: int, oldest: datetime | None, now: datetime) -> Check:
    age = (now - oldest).total_seconds() if oldest else 0.0
    detail = f"{rows} {what}, the oldest for {age:.0f} s" if rows else f"none {what}"
    return Check(name, is_ok=age < LATE_ROW_SECONDS, detail=detail, seconds=age, rows=rows)


def _mailboxes(now: datetime) -> Iterable[Check]:
    newest = Inbound.objects.filter(channel=OuterRef("pk"), kind="message").order_by("-received_at")
    boxes: Any = Channel.objects.mailboxes().filter(is_active=True).select_related("mailbox")
    for box in boxes.annotate(last=Subquery(newest.values("received_at")[:1])):
        details = [f"last mail {(now - box.last).total_seconds():.0f} s ago" if box.last else "no mail yet"]
        mailbox = getattr(box, "mailbox", None)
        trouble = (mailbox.told_of or mailbox.trouble) if mailbox else ""
        if mailbox and mailbox.last_success_at:
            details.append(f"last read {(now - mailbox.last_success_at).total_seconds():.0f} s ago")
        if trouble:
            details.append(f"in trouble: {trouble}")
        yield Check(f"mailbox {box.address or box.name}", is_ok=not trouble, detail=", ".join(details))
    if settings.SMTP_BIND in LOCAL_NAMES:
        yield _listener()


def _listener() -> Check:
    try:
        socket.create_connection((settings.SMTP_BIND, settings.SMTP_PORT), BROKER_SECONDS).close()
    except OSError as error:
        return Check("smtp", is_ok=False, detail=f"port {settings.SMTP_PORT}: {error.strerror or error}")
    return Check("smtp", is_ok=True, detail=f"listens on port {settings.SMTP_PORT}")


def _measure(registry: CollectorRegistry, checks: Iterable[Check]) -> None:
    is_ok = Gauge("tandem_ok", "Whether a check passes", ["check"], registry=registry)
    age = Gauge(
        "tandem_age_seconds", "Age of the last sign of life or oldest row", ["check"], registry=registry
    )
    rows = Gauge("tandem_rows_waiting", "Rows that wait for a process", ["check"], registry=registry)
    for check in checks:
        is_ok.labels(check.name).set(check.is_ok)
        if check.seconds is not None:
            age.labels(check.name).set(check.seconds)
        if check.rows is not None:
            rows.labels(check.name).set(check.rows)


def _can_serve(checks: Iterable[Check]) -> bool:
    return all(check.is_ok for check in checks if check.is_vital)


def _answer_stranger(request: HttpRequest) -> HttpResponse:
    """Answer with the status alone, or with an error if the monitor's token is wrong."""
    if "Authorization" in request.headers:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    can_serve = _can_serve([_database()])
    return JsonResponse({"status": "ready" if can_serve else "not ready"}, status=200 if can_serve else 503)


def _is_insider(request: HttpRequest) -> bool:
    return _knows_the_token(request) or _is_administrator(request)


def _knows_the_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def _is_administrator(request: HttpRequest) -> bool:
    try:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
    except DatabaseError:
        return False
