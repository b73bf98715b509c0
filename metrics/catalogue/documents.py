"""Texts made from the metrics' own docstrings: docs/metrics.md, and the words that translators see."""

from __future__ import annotations

import json
from pathlib import Path

from django.utils import translation

from metrics.asking.metric import Metric
from metrics.catalogue.registry import load_metrics

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "metrics.md"
WORDS = ROOT / "metrics" / "asking" / "formulas.py"

HEAD = """# Metrics

This page is made from the definitions in `metrics/definitions/` by `python manage.py metric_docs`; the
screen and the API read the same words.

Common to all: every number carries how many rows it rests on, a 95 % interval, what was left out and why,
the version of its definition, and the list of its tickets. Shares have a Wilson interval; below ten rows only
"k of n" is shown, from ten to 29 the number is grey; a single person's share needs thirty. A share of which
more is still open than decided is shown as "k so far". Durations are quantiles, never a mean, with
order-statistic intervals, and who still waits is counted with the time so far. Days and weeks are those of
the installation's time zone; weeks are ISO weeks. A ticket counts in the queue it is in now.

Facts are derived from the event log alone (`metrics/facts/derive.py`, `metrics/sql/`), and can be rebuilt
from nothing: `python manage.py rebuild_facts`.
"""


def build_page() -> str:
    """Return docs/metrics.md."""
    with translation.override("en"):
        return HEAD + "".join(_section(metric) for metric in load_metrics().values())


def build_formulas() -> str:
    """Return metrics/asking/formulas.py: every paragraph once, in the form that gettext collects."""
    paragraphs = dict.fromkeys(text for metric in load_metrics().values() for text in metric.paragraphs())
    lines = [f"    _({json.dumps(text, ensure_ascii=False)})," for text in paragraphs]
    head = [
        '"""The metrics\' docstrings as translators see them. Made by `manage.py metric_docs`."""',
        "",
        "# ruff: noqa: E501",
        "# fmt: off",
        "from django.utils.translation import gettext_noop as _",
        "",
        "FORMULAS = (",
    ]
    return "\n".join([*head, *lines, ")", ""])


def _section(metric: Metric) -> str:
    formula, *remarks = metric.paragraphs()
    parts = "\n".join(f"| `{p.slug}` | {p.label} | {p.role.value} |" for p in metric.parts)
    return (
        f"\n## {metric.label} (`{metric.slug}`)\n\n"
        f"{formula}\n\n"
        + "".join(f"{text}\n\n" for text in remarks)
        + f"| part | rows | role |\n|---|---|---|\n{parts}\n\n"
        f"Counts {metric.unit}; {metric.better} is better. Definition {metric.version}. "
        f"After: {metric.source}.\n"
    )
