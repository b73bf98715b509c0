"""Find the metrics: one file each in metrics/definitions, nothing to register."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from inspect import isabstract

from metrics import definitions
from metrics.asking.metric import Metric
from tickets.errors import NotFound

# The order of pages and docs; a metric that is not named here comes after these, by its slug.
ORDER = ("fcr", "ces", "first_human_response", "backlog", "promise_kept", "repeat_contacts")


@cache
def load_metrics() -> dict[str, Metric]:
    """Return every metric by its slug, in the order of pages."""
    all_metrics: list[Metric] = []
    for info in pkgutil.iter_modules(definitions.__path__):
        module = import_module(f"{definitions.__name__}.{info.name}")
        all_metrics += [
            thing()
            for thing in vars(module).values()
            if isinstance(thing, type)
            and issubclass(thing, Metric)
            and not isabstract(thing)
            and thing.__module__ == module.__name__
        ]
    all_metrics.sort(key=lambda m: (ORDER.index(m.slug) if m.slug in ORDER else len(ORDER), m.slug))
    return {metric.slug: metric for metric in all_metrics}


def get_metric(slug: str) -> Metric:
    """Return one metric. Raises NotFound for an unknown slug."""
    if slug not in load_metrics():
        raise NotFound
    return load_metrics()[slug]
