"""Find the channels' adapters: one folder per channel, without registration.

The folders are those beside this file and the packages listed in `settings.CHANNEL_PACKAGES`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import URLPattern, URLResolver

from tickets.channels.base import Adapter, Sweep
from tickets.channels.values import DeskLink, Medium
from tickets.errors import NotFound

if TYPE_CHECKING:
    from tickets.models import Channel, Ticket


@cache
def adapters() -> dict[str, Adapter]:
    """Return every channel's adapter by slug; it is the variable `adapter` of the folder's adapter.py."""
    return {module.adapter.slug: module.adapter for module in _import_modules("adapter")}


def adapter_for(slug: str) -> Adapter:
    """Return one adapter. Raises NotFound for an unknown slug."""
    adapter = adapters().get(slug)
    if adapter is None:
        raise NotFound
    return adapter


@cache
def mail_adapter() -> Adapter:
    """Return the adapter of the company's mail, which sends what no other channel can."""
    return next(adapter for adapter in adapters().values() if adapter.is_mail)


def sending_adapter(channel: Channel | None) -> Adapter:
    """Return the adapter that sends for a channel, or the mail adapter for None.

    Raises:
        NotFound: the channel's folder is no longer installed.
    """
    return adapter_for(channel.slug) if channel is not None else mail_adapter()


def reply_adapter(ticket: Ticket) -> Adapter:
    """Return the adapter that sends a reply now: the ticket's own if it carries replies, else mail."""
    own = adapters().get(ticket.channel.slug)
    return own if own is not None and own.carries_reply(ticket, ticket.channel) else mail_adapter()


def find_slugs(medium: Medium) -> list[str]:
    """Return the slugs of the channels with this medium."""
    return [slug for slug, adapter in adapters().items() if adapter.medium == medium]


def find_medium(slug: str) -> Medium:
    """Return a channel's medium; a channel that is no longer installed counts as mail."""
    adapter = adapters().get(slug)
    return adapter.medium if adapter is not None else Medium.MAIL


@cache
def form_slugs() -> tuple[str, ...]:
    """Return the slugs of the channels that receive the forms of our own pages."""
    return tuple(slug for slug, adapter in adapters().items() if adapter.takes_forms)


@cache
def document_slug() -> str:
    """Return the slug of the channel that receives requests made by the API."""
    return next(slug for slug, adapter in adapters().items() if adapter.takes_documents)


def care_links() -> list[DeskLink]:
    """Return the pages that channels add to "Needs attention", for supervisors."""
    return [link for adapter in adapters().values() for link in adapter.care_links]


def banner_url_names() -> list[str]:
    """Return the URL names of the fragments that channels show to supervisors above the navigation."""
    return [adapter.banner_url_name for adapter in adapters().values() if adapter.banner_url_name]


def desk_links() -> list[DeskLink]:
    """Return the pages that channels add to the desk's navigation."""
    return [link for adapter in adapters().values() for link in adapter.desk_links]


def ticket_links() -> list[DeskLink]:
    """Return the pages that channels add to a ticket's composer."""
    return [link for adapter in adapters().values() for link in adapter.ticket_links]


def url_patterns() -> list[URLPattern | URLResolver]:
    """Return the `urlpatterns` of the channels' urls.py."""
    return [pattern for module in _import_modules("urls") for pattern in module.urlpatterns]


def sweeps() -> list[Sweep]:
    """Return the `sweeps` of the channels' sweeps.py."""
    return [sweep for module in _import_modules("sweeps") for sweep in module.sweeps]


def socket_patterns() -> list[Any]:
    """Return the `websocket_urlpatterns` of the channels' sockets.py."""
    return [pattern for module in _import_modules("sockets") for pattern in module.websocket_urlpatterns]


def _list_packages() -> list[str]:
    """Return the dotted names of the channels' packages: ours sorted by name, then the installation's."""
    folders = pkgutil.iter_modules([str(Path(__file__).parent)])
    built_in = sorted(f"tickets.channels.{folder.name}" for folder in folders if folder.ispkg)
    return [*built_in, *settings.CHANNEL_PACKAGES]


def _import_modules(name: str) -> Iterator[Any]:
    for package in _list_packages():
        if find_spec(f"{package}.{name}") is not None:
            yield import_module(f"{package}.{name}")
