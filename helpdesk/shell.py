"""What every page's frame needs: the company's name and where the person may go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tickets.models import Company


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's values; the company is read only by pages that show it."""
    return {"company": SimpleLazyObject(Company.current)}
