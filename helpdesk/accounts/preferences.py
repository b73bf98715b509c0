"""The language and theme buttons of every page: kept on the account and, for visitors, in a cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from helpdesk.accounts.models import User

YEAR = 365 * 24 * 3600
THEME_COOKIE = "theme"


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Keep the posted `language` or `theme` and go back to `next`; unknown values change nothing.

    With `next` in the address a form came along, whose words the page behind it shows again (307).
    """
    response = HttpResponseRedirect(_way_back(request))
    if "next" in request.GET:
        response = HttpResponseRedirect(_way_back(request), preserve_request=True)
    changed = {}
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        changed["language"] = language
        _cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
    if theme in User.Theme.values:
        changed["theme"] = theme
        _cookie(response, THEME_COOKIE, theme)
    if changed and request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**changed)
    return response


def read_theme(request: HttpRequest) -> str:
    """Return "light", "dark" or "" (as the device): the account's choice, a visitor's from the cookie."""
    user = getattr(request, "user", None)
    theme = user.theme if user and user.is_authenticated else request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in User.Theme.values else ""


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url("/")


def _cookie(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE)
