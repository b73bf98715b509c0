"""The tokens: every pair in use is readable in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from itertools import product
from pathlib import Path

import pytest

from helpdesk.runtime.environment import REPOSITORY

CSS = REPOSITORY / "helpdesk" / "static" / "helpdesk" / "css"
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text()
    )
}
GROUNDS = ("paper", "surface", "sunken", "hover", "mine", "note", "brand-soft")
MEANINGS = ("ok", "warn", "bad")
TEXT_PAIRS = [
    *product(("ink", "ink-2", "ink-3", "brand"), GROUNDS),
    *product(("ink", "ink-2"), ("ok-soft", "warn-soft", "bad-soft", "person-soft")),
    *product(MEANINGS, ("paper", "surface", "mine", "note", "hover")),
    *((meaning, f"{meaning}-soft") for meaning in MEANINGS),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-strong"),
    ("surface", "bad"),
    ("note-ink", "note"),
    ("person", "person-soft"),
]
EDGE_PAIRS = [
    *product(("line-field",), ("paper", "surface")),
    *product(("focus",), GROUNDS),
    ("brand", "sunken"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_readable(text: str, ground: str, theme: int):
    assert contrast(COLOURS[text][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_of_fields_bars_and_focus_are_seen(edge: str, ground: str, theme: int):
    assert contrast(COLOURS[edge][theme], COLOURS[ground][theme]) >= 3


def test_colours_are_literal_only_in_the_tokens():
    allowed = {"tokens.css", "mail.css"}
    found = [
        f"{path.relative_to(CSS)}: {match}"
        for path in CSS.rglob("*.css")
        if path.name not in allowed
        for match in re.findall(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b(?=;)|rgb\(", path.read_text())
        if match != "#fff"  # the white paper under a QR code and under an HTML mail
    ]
    assert found == []


def test_every_icon_that_is_asked_for_exists():
    sprite = (REPOSITORY / "helpdesk/static/helpdesk/img/icons.svg").read_text()
    drawn = set(re.findall(r'id="([\w-]+)"', sprite))
    asked = {
        name
        for package in ("helpdesk", "metrics", "routing", "tickets")
        for path in (REPOSITORY / package).rglob("*.html")
        for name in re.findall(r'icon\.html" with name="([\w-]+)"', path.read_text())
    }
    assert asked - drawn == set()


def test_every_imported_sheet_exists():
    missing = [
        (path.name, target)
        for path in CSS.rglob("*.css")
        for target in re.findall(r'url\("([^"]+)"\)', path.read_text())
        if "/admin/css/" not in target and not Path(path.parent / target).exists()
    ]
    assert missing == []


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
