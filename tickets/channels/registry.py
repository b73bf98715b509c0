"""Find the adapters: one folder a channel, nothing to register.

The folders are those beside this file, and the packages that `settings.CHANNEL_PACKAGES` names.
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
    """Return every channel's adapter by slug: `adapter` of its folder's adapter.py."""
    return {module.adapter.slug: module.adapter for module in _modules("adapter")}


def adapter_for(slug: str) -> Adapter:
    """Return one adapter. Raises NotFound for an unknown slug."""
    adapter = adapters().get(slug)
    if adapter is None:
        raise NotFound
    return adapter


@cache
def mail_adapter() -> Adapter:
    """Return the adapter of the company's mail. What no other channel can carry leaves by it."""
    return next(adapter for adapter in adapters().values() if adapter.is_mail)


def carrier_of(channel: Channel | None) -> Adapter:
    """Return the adapter that sends for a channel; the mail's where there is none. Raises NotFound."""
    return adapter_for(channel.slug) if channel is not None else mail_adapter()


def reply_adapter(ticket: Ticket) -> Adapter:
    """Return the adapter by which a reply leaves now: the ticket's own if it can reply, else the mail's."""
    own = adapters().get(ticket.channel.slug)
    return own if own is not None and own.replies_by(ticket, ticket.channel) else mail_adapter()


def slugs_of(medium: Medium) -> list[str]:
    """Return the channels in which people talk in this way."""
    return [slug for slug, adapter in adapters().items() if adapter.medium == medium]


def medium_of(slug: str) -> Medium:
    """Return how people talk in a channel; a channel whose folder is gone counts as mail."""
    adapter = adapters().get(slug)
    return adapter.medium if adapter is not None else Medium.MAIL


@cache
def form_slugs() -> tuple[str, ...]:
    """Return the channels by which our own pages' forms arrive."""
    return tuple(slug for slug, adapter in adapters().items() if adapter.takes_forms)


@cache
def document_slug() -> str:
    """Return the channel by which requests of other software arrive."""
    return next(slug for slug, adapter in adapters().items() if adapter.takes_documents)


def care_links() -> list[DeskLink]:
    """Return the pages that the channels add to what needs attention, for who looks after a queue."""
    return [link for adapter in adapters().values() for link in adapter.care_links]


def banner_url_names() -> list[str]:
    """Return the fragments that the channels show above the desk's menu to who supervises."""
    return [adapter.banner_url_name for adapter in adapters().values() if adapter.banner_url_name]


def desk_links() -> list[DeskLink]:
    """Return the pages that the channels add to the desk's menu."""
    return [link for adapter in adapters().values() for link in adapter.desk_links]


def ticket_links() -> list[DeskLink]:
    """Return the pages that the channels add beside a ticket's reply."""
    return [link for adapter in adapters().values() for link in adapter.ticket_links]


def url_patterns() -> list[URLPattern | URLResolver]:
    """Return what the channels' urls.py declare."""
    return [pattern for module in _modules("urls") for pattern in module.urlpatterns]


def sweeps() -> list[Sweep]:
    """Return what the channels' sweeps.py declare."""
    return [sweep for module in _modules("sweeps") for sweep in module.sweeps]


def socket_patterns() -> list[Any]:
    """Return what the channels' sockets.py declare."""
    return [pattern for module in _modules("sockets") for pattern in module.websocket_urlpatterns]


def _packages() -> list[str]:
    """Return the dotted names of the channels' packages: ours by name, then those of the installation."""
    folders = pkgutil.iter_modules([str(Path(__file__).parent)])
    ours = sorted(f"tickets.channels.{folder.name}" for folder in folders if folder.ispkg)
    return [*ours, *settings.CHANNEL_PACKAGES]


def _modules(name: str) -> Iterator[Any]:
    for package in _packages():
        if find_spec(f"{package}.{name}") is not None:
            yield import_module(f"{package}.{name}")
