"""The style page: every component and surface with realistic content, to look at while building."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

SURFACES = ("components", "desk", "portal", "wall", "report", "entrance")


def style_page(request: HttpRequest, surface: str = "components") -> HttpResponse:
    """Show the components, or one surface as a whole. Raises Http404 for another name."""
    if surface not in SURFACES:
        raise Http404
    template = "style_page.html" if surface == "components" else f"style_page/{surface}.html"
    return render(request, template, {"surfaces": SURFACES, "surface": surface, "icons": _icons()})


@cache
def _icons() -> list[str]:
    sprite = Path(str(finders.find("helpdesk/img/icons.svg")))
    return re.findall(r'<symbol id="([\w-]+)"', sprite.read_text())
