"""What routing's pages share: their tabs, what was typed, and what is said afterwards."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.desk.access import Desk
from tickets.errors import Invalid, NotAllowed
from tickets.platform import typed_dates


def frame(desk: Desk, here: str) -> dict[str, Any]:
    """Return what every page's frame shows: the tabs this person may open, and the time."""
    tabs = [("roster", _("Roster")), ("slots", _("Slots")), ("fairness", _("Fairness"))]
    if desk.supervised:
        tabs += [
            ("rushes", _("Surges")), ("policies", _("Routing rules")), ("what_if", _("What if")),
        ]  # fmt: skip
    return {
        "tabs": [(reverse(f"routing:{name}"), label, name == here) for name, label in tabs],
        "now": desk.now,
        "is_supervisor": bool(desk.supervised),
    }


def say(request: HttpRequest, text: str) -> None:
    """Show a success message on the next page."""
    messages.success(request, text)


def read_moment(request: HttpRequest, name: str, zone: tzinfo) -> datetime:
    """Return a moment typed as wall-clock time of a zone. Raises Invalid for anything else."""
    try:
        return typed_dates.read_moment(request.POST.get(name, ""), zone)
    except ValueError:
        raise Invalid(_("Choose a day and a time for the start and the end."), code="no_moment") from None


def read_number(request: HttpRequest, name: str) -> int:
    """Return a whole number of a form. Raises Invalid for anything else."""
    text = request.POST.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(_("Type a whole number."), code="not_a_number")
    return int(text)


def demand_supervisor(desk: Desk, queue_id: int | None = None) -> None:
    """Refuse whoever does not supervise the queue, or any queue where none is named."""
    if not (queue_id in desk.supervised if queue_id is not None else desk.supervised):
        raise NotAllowed
