"""Find the adapters: one folder a channel, nothing to register."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver

from tickets.channels.base import Adapter, Sweep
from tickets.errors import NotFound


@cache
def adapters() -> dict[str, Adapter]:
    """Return every channel's adapter by slug: `adapter` of tickets/channels/<slug>/adapter.py."""
    found = {}
    for slug, module in _modules("adapter"):
        found[slug] = module.adapter
    return found


def adapter_for(slug: str) -> Adapter:
    """Return one adapter. Raises NotFound for an unknown slug."""
    adapter = adapters().get(slug)
    if adapter is None:
        raise NotFound
    return adapter


def url_patterns() -> list[URLPattern | URLResolver]:
    """Return what the channels' urls.py declare."""
    return [pattern for _slug, module in _modules("urls") for pattern in module.urlpatterns]


def sweeps() -> list[Sweep]:
    """Return what the channels' sweeps.py declare."""
    return [sweep for _slug, module in _modules("sweeps") for sweep in module.sweeps]


def socket_patterns() -> list[Any]:
    """Return what the channels' sockets.py declare."""
    return [pattern for _slug, module in _modules("sockets") for pattern in module.websocket_urlpatterns]


def _modules(name: str) -> Iterator[tuple[str, Any]]:
    folder = Path(__file__).parent
    for info in sorted(pkgutil.iter_modules([str(folder)]), key=lambda i: i.name):
        path = f"tickets.channels.{info.name}.{name}"
        if info.ispkg and find_spec(path) is not None:
            yield info.name, import_module(path)
