"""What every page's frame needs: the company's name, the person's theme, and where the person may go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from helpdesk.accounts.preferences import read_theme
from tickets.admin.roles import is_supervisor
from tickets.models import Company
from tickets.portal.kept import Kept, read_typed_form
from tickets.portal.ways import Ways, load_ways_or_last_known

CUSTOMERS_FORMS = ("portal", "survey")
# Pages that show their form with words that come along, and can so be asked again after a refusal.
FILLED_IN = (
    "portal:request",
    "portal:callback",
    "portal:request_callback",
    "portal:request_page",
    "portal:not_solved",
    "portal:requests",
    "survey:answer",
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's values; the company is read only by pages that show it."""
    return {"company": SimpleLazyObject(lambda: _company(request)), "shell": Frame(request)}


@dataclass(frozen=True)
class Area:
    """One entry of the header: a name, an icon of the sprite, and whether this page lies in it."""

    name: str | Promise
    icon: str
    url: str
    is_current: bool


class Frame:
    """The frame of one request; each value is worked out when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user: Any = getattr(request, "user", None)

    @cached_property
    def theme(self) -> str:
        return read_theme(self._request)

    @cached_property
    def areas(self) -> list[Area]:
        """Return the areas the person may enter, in the order of the header."""
        if not self._is_staff:
            return []
        areas = [(_("Desk"), "desk", "desk:home"), (_("Roster"), "calendar", "routing:roster")]
        if self._watches_over_a_queue:
            areas.append((_("Wallboard"), "wall", "metrics:wallboard"))
        areas.append((_("Reports"), "chart", "metrics:home"))
        if self._may_configure:
            areas += [(_("Settings"), "settings", "admin:index")]
        addresses = [(name, icon, _address(view)) for name, icon, view in areas]
        here = max(
            (url for *_, url in addresses if url and self._request.path.startswith(url)), key=len, default=""
        )
        return [Area(name, icon, url, url == here) for name, icon, url in addresses if url]

    @cached_property
    def home_url(self) -> str:
        return (_address("desk:home") if self._is_staff else "") or "/"

    @cached_property
    def ways(self) -> Ways:
        """Return the ways to a person, for the pages of customers that do not read them themselves."""
        return load_ways_or_last_known()

    @cached_property
    def kept(self) -> Kept | None:
        """Return what was typed into a form of the customers' pages and could not be taken in, or None."""
        match = getattr(self._request, "resolver_match", None)
        if match is None or match.namespace not in CUSTOMERS_FORMS or self._request.method != "POST":
            return None
        return read_typed_form(self._request, again=match.view_name in FILLED_IN)

    @cached_property
    def is_staff(self) -> bool:
        """Whether the person works here: the ways to a person are for everybody else."""
        return self._is_staff

    @cached_property
    def search_url(self) -> str:
        return _address("desk:search") if self._is_staff else ""

    @cached_property
    def presence_url(self) -> str:
        return _address("routing:presence") if self._is_staff else ""

    @property
    def _is_staff(self) -> bool:
        return bool(self._user and self._user.is_active and self._user.is_staff)

    @property
    def _watches_over_a_queue(self) -> bool:
        return self._user.is_superuser or is_supervisor(self._request)

    @property
    def _may_configure(self) -> bool:
        return self._watches_over_a_queue


def _company(request: HttpRequest) -> Company:
    """Return the company, or one of its name where the desk read that along with the queues."""
    name = getattr(request, "company_name", None)
    return Company.current() if name is None else Company(name=name)


@cache
def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""  # the page is not part of this installation
