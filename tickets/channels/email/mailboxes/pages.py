"""The pages about mailboxes: reconciliation, settings, signing in at a provider, and the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets import events
from tickets.channels.email.imap import fetching
from tickets.channels.email.mailboxes import checking, forms, monitoring, oauth, reconciliation
from tickets.channels.email.mailboxes.trouble import explain
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotAllowed, NotFound
from tickets.models import Inbound, Mailbox

SESSION_KEY = "mailbox_sign_in"
MAX_RAW_BYTES = 256 * 1024

type View[**P] = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def for_supervisors[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Allow a view to supervisors and administrators only."""

    @wraps(view)
    def check_role(
        request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not (desk.supervised or desk.actor.is_administrator):
            raise NotAllowed
        return view(request, desk, *args, **kwargs)

    return for_agents(check_role)


def for_administrators[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Allow a view to administrators only, because secrets are typed there."""

    @wraps(view)
    def check_role(
        request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not desk.actor.is_administrator:
            raise NotAllowed
        return view(request, desk, *args, **kwargs)

    return for_agents(check_role)


@require_GET
@for_supervisors
def show_overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show every mailbox with the reconciliation of the last seven days."""
    monitoring.create_missing_rows()
    mailboxes = Mailbox.objects.visible_to(desk.actor).filter(channel__is_active=True)
    accounts = [
        reconciliation.build_account(m, now=desk.now, days=7)
        for m in mailboxes.select_related("channel__queue").prefetch_related("folders")
    ]
    return render(request, "tickets/mailboxes/overview.html", {"accounts": accounts, "desk": desk})


@require_GET
@for_supervisors
def show_mailbox(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Show one mailbox: its problem, if any, and the reconciliation of its days."""
    account = reconciliation.build_account(_load_mailbox(desk, mailbox_id), now=desk.now)
    return render(
        request,
        "tickets/mailboxes/one.html",
        {"account": account, "desk": desk, **_build_webhook_urls(account.mailbox)},
    )


@require_GET
@for_supervisors
def show_day(
    request: HttpRequest, desk: Desk, mailbox_id: int, year: int, month: int, number_of_day: int
) -> HttpResponse:
    """Show the mails of one day, with the outcome of each."""
    mailbox = _load_mailbox(desk, mailbox_id)
    try:
        chosen = date(year, month, number_of_day)
    except ValueError:
        raise NotFound from None
    rows, lost = reconciliation.load_day(mailbox, chosen)
    context = {"mailbox": mailbox, "day": chosen, "rows": rows, "lost": lost, "desk": desk}
    return render(request, "tickets/mailboxes/day.html", context)


@require_GET
@for_supervisors
def show_raw(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Show the raw text of a received mail, at most its first 256 KB."""
    row = _load_received(desk, inbound_id)
    data = bytes(row.raw.data)
    context = {
        "row": row,
        "text": data[:MAX_RAW_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "�"),
        "is_cut": len(data) > MAX_RAW_BYTES,
        "desk": desk,
    }
    return render(request, "tickets/mailboxes/raw.html", context)


@require_POST
@for_supervisors
def fetch_again(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Fetch a mail again that the mail server did not deliver."""
    row = _load_received(desk, inbound_id)
    if fetching.fetch_again(row, by=desk.actor, now=desk.now):
        messages.success(request, _("It has been requested again."))
    return redirect("email:raw", row.pk)


@for_administrators
def edit_settings(request: HttpRequest, desk: Desk, mailbox_id: int | None = None) -> HttpResponse:
    """Show the settings of a mailbox, or save them."""
    mailbox = _load_mailbox(desk, mailbox_id) if mailbox_id else Mailbox(read_from=desk.now.date())
    form = forms.MailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        saved = form.save_mailbox(now=desk.now)
        data = {"model": "tickets.Mailbox", "id": str(saved.pk), "fields": sorted(form.changed_data)}
        events.record("config.changed", by=desk.actor, at=desk.now, data=data)
        return redirect("email:mailbox", saved.pk)
    context = {"form": form, "sections": forms.group_fields(form), "mailbox": mailbox, "desk": desk}
    status = 400 if request.method == "POST" else 200
    return render(request, "tickets/mailboxes/settings.html", context, status=status)


@require_POST
@for_administrators
def check_mailbox(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Test receiving and sending with a mailbox, and show the result of each step."""
    mailbox = _load_mailbox(desk, mailbox_id)
    steps = checking.check_mailbox(mailbox, now=desk.now)
    if steps and all(step.is_ok for step in steps) and mailbox.imap_host:
        mailbox.record_success(now=desk.now)
    return render(request, "tickets/mailboxes/test.html", {"mailbox": mailbox, "steps": steps, "desk": desk})


@require_POST
@for_administrators
def sign_in(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Begin a sign-in at the provider, and show the link to its page."""
    mailbox = _load_mailbox(desk, mailbox_id)
    pending = oauth.begin_sign_in(mailbox, redirect_url=_build_redirect_url())
    request.session[SESSION_KEY] = {
        "mailbox": mailbox.pk,
        "state": pending.state,
        "verifier": pending.verifier,
    }
    return render(
        request, "tickets/mailboxes/sign_in.html", {"mailbox": mailbox, "url": pending.url, "desk": desk}
    )


@require_GET
@for_administrators
def complete_sign_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Complete the sign-in when the provider redirects back; each state is accepted once."""
    pending: dict[str, Any] = request.session.pop(SESSION_KEY, {})
    state = request.GET.get("state", "")
    if not pending or not constant_time_compare(pending["state"], state):
        raise oauth.SignInRefused
    mailbox = _load_mailbox(desk, pending["mailbox"])
    try:
        if not request.GET.get("code"):
            raise oauth.SignInRefused
        oauth.complete_sign_in(
            mailbox, request.GET["code"], pending["verifier"], redirect_url=_build_redirect_url(),
            by=desk.actor, now=desk.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error.sentence))
    except OSError as error:
        messages.error(request, explain(error, mailbox.imap_host).sentence(_("The provider"), 443))
    else:
        Mailbox.objects.filter(pk=mailbox.pk).update(changed_at=desk.now, failing_since=None, trouble="")
        messages.success(request, _("You are signed in. Now try the mailbox."))
    return redirect("email:mailbox", mailbox.pk)


@require_GET
@for_agents
def show_banner(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the reported problems of the mailboxes that this person may see."""
    mailboxes = Mailbox.objects.visible_to(desk.actor).filter(channel__is_active=True).exclude(told_of="")
    problems = [(m, monitoring.describe_problem(m, m.told_of)) for m in mailboxes.select_related("channel")]
    return render(request, "tickets/mailboxes/banner.html", {"troubled": problems})


def _load_mailbox(desk: Desk, mailbox_id: int) -> Mailbox:
    rows = Mailbox.objects.visible_to(desk.actor).select_related("channel__queue")
    mailbox = rows.prefetch_related("folders").filter(pk=mailbox_id).first()
    if mailbox is None:
        raise NotFound
    return mailbox


def _load_received(desk: Desk, inbound_id: int) -> Inbound:
    rows = Inbound.objects.visible_to(desk.actor).filter(pk=inbound_id, channel__slug="email")
    row = rows.select_related("channel__queue", "raw", "ticket").first()
    if row is None:
        raise NotFound
    return row


def _build_webhook_urls(mailbox: Mailbox) -> dict[str, str]:
    """Return the webhook URLs of the mailbox's provider; empty if mails do not come from a provider."""
    if not mailbox.channel.options.get("provider"):
        return {}
    key = mailbox.channel.key
    return {
        "webhook": settings.PUBLIC_URL + reverse("email:webhook", args=[key]),
        "tracking": settings.PUBLIC_URL + reverse("email:tracking", args=[key]),
    }


def _build_redirect_url() -> str:
    return settings.PUBLIC_URL + reverse("email:signed_in")
