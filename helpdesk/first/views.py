"""The first page of an empty installation."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helpdesk.first import setting_up
from helpdesk.first.forms import FirstForm
from tickets.clock import database_now
from tickets.errors import Invalid


@never_cache
@require_http_methods(["GET", "POST"])
def first_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what an installation needs to begin, make it, and sign the new administrator in."""
    now = database_now()
    setting_up.load_setup_link(token, now=now)
    begun = {"language": translation.get_language(), "queue": _("Support")}
    form = FirstForm(request.POST if request.method == "POST" else None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            user = setting_up.set_up_installation(token, form.beginnings, now=now)
        except Invalid as error:
            form.add_error("password", str(error.sentence))
        else:
            login(request, user, backend="helpdesk.accounts.backends.EmailBackend")
            return redirect("home_for_user")
    return render(request, "first/page.html", {"form": form}, status=400 if form.errors else 200)
