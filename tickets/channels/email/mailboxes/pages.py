"""The pages about mailboxes: every message accounted for, connecting one, signing in, trying it."""

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
from tickets.channels.email.mailboxes import accounted, checking, forms, oauth, watching
from tickets.channels.email.mailboxes.trouble import explain
from tickets.desk.entrance import Desk, for_agents
from tickets.errors import DomainError, NotAllowed, NotFound
from tickets.models import Inbound, Mailbox

ERRAND = "mailbox_sign_in"
RAW_SHOWN = 256 * 1024

type View[**P] = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def for_overseers[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let supervisors and administrators in."""

    @wraps(view)
    def watched(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (desk.supervised or desk.actor.is_administrator):
            raise NotAllowed
        return view(request, desk, *args, **kwargs)

    return for_agents(watched)


def for_administrators[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let administrators in: here secrets are typed."""

    @wraps(view)
    def guarded(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not desk.actor.is_administrator:
            raise NotAllowed
        return view(request, desk, *args, **kwargs)

    return for_agents(guarded)


@require_GET
@for_overseers
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show every mailbox with its account of the last days."""
    watching.with_rows()
    mailboxes = Mailbox.objects.visible_to(desk.actor).filter(channel__is_active=True)
    accounts = [
        accounted.account_of(m, now=desk.now, days=7)
        for m in mailboxes.select_related("channel__queue").prefetch_related("folders")
    ]
    return render(request, "tickets/mailboxes/overview.html", {"accounts": accounts, "desk": desk})


@require_GET
@for_overseers
def one(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Show one mailbox: how it is doing, and its days."""
    account = accounted.account_of(_mailbox(desk, mailbox_id), now=desk.now)
    return render(
        request, "tickets/mailboxes/one.html", {"account": account, "desk": desk, **_doors(account.mailbox)}
    )


@require_GET
@for_overseers
def day(
    request: HttpRequest, desk: Desk, mailbox_id: int, year: int, month: int, number_of_day: int
) -> HttpResponse:
    """Show what came on one day and what became of each."""
    mailbox = _mailbox(desk, mailbox_id)
    try:
        chosen = date(year, month, number_of_day)
    except ValueError:
        raise NotFound from None
    rows, lost = accounted.of_day(mailbox, chosen)
    context = {"mailbox": mailbox, "day": chosen, "rows": rows, "lost": lost, "desk": desk}
    return render(request, "tickets/mailboxes/day.html", context)


@require_GET
@for_overseers
def raw(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Show a received thing as text, exactly as it came; its beginning when it is long."""
    row = _received(desk, inbound_id)
    data = bytes(row.raw.data)
    context = {
        "row": row,
        "text": data[:RAW_SHOWN].decode("utf-8", "backslashreplace").replace("\x00", "�"),
        "is_cut": len(data) > RAW_SHOWN,
        "desk": desk,
    }
    return render(request, "tickets/mailboxes/raw.html", context)


@require_POST
@for_overseers
def again(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Ask the mail server once more for a mail it did not hand out."""
    row = _received(desk, inbound_id)
    if fetching.fetch_again(row, by=desk.actor, now=desk.now):
        messages.success(request, _("It has been requested again."))
    return redirect("email:raw", row.pk)


@for_administrators
def settings_of(request: HttpRequest, desk: Desk, mailbox_id: int | None = None) -> HttpResponse:
    """Show the form of a mailbox, or save it and try it."""
    mailbox = _mailbox(desk, mailbox_id) if mailbox_id else Mailbox(read_from=desk.now.date())
    form = forms.MailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        saved = form.store(now=desk.now)
        data = {"model": "tickets.Mailbox", "id": str(saved.pk), "fields": sorted(form.changed_data)}
        events.record("config.changed", by=desk.actor, at=desk.now, data=data)
        return redirect("email:mailbox", saved.pk)
    context = {"form": form, "sections": forms.sections(form), "mailbox": mailbox, "desk": desk}
    status = 400 if request.method == "POST" else 200
    return render(request, "tickets/mailboxes/settings.html", context, status=status)


@require_POST
@for_administrators
def test(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Try a mailbox in both directions and say how it went."""
    mailbox = _mailbox(desk, mailbox_id)
    steps = checking.check(mailbox, now=desk.now)
    if steps and all(step.is_ok for step in steps) and mailbox.imap_host:
        mailbox.record_success(now=desk.now)
    return render(request, "tickets/mailboxes/test.html", {"mailbox": mailbox, "steps": steps, "desk": desk})


@require_POST
@for_administrators
def sign_in(request: HttpRequest, desk: Desk, mailbox_id: int) -> HttpResponse:
    """Prepare a sign-in at the provider, and show the link that leads there."""
    mailbox = _mailbox(desk, mailbox_id)
    errand = oauth.begin_sign_in(mailbox, come_back_to=_come_back_to())
    request.session[ERRAND] = {"mailbox": mailbox.pk, "state": errand.state, "verifier": errand.verifier}
    return render(
        request, "tickets/mailboxes/sign_in.html", {"mailbox": mailbox, "url": errand.url, "desk": desk}
    )


@require_GET
@for_administrators
def signed_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take in what the provider's page sent back with the person; each state works once."""
    errand: dict[str, Any] = request.session.pop(ERRAND, {})
    given = request.GET.get("state", "")
    if not errand or not constant_time_compare(errand["state"], given):
        raise oauth.SignInRefused
    mailbox = _mailbox(desk, errand["mailbox"])
    try:
        if not request.GET.get("code"):
            raise oauth.SignInRefused
        oauth.complete(
            mailbox, request.GET["code"], errand["verifier"], come_back_to=_come_back_to(),
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
def banner(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show to those who can do something what is the matter with a mailbox; to others nothing."""
    troubled = Mailbox.objects.visible_to(desk.actor).filter(channel__is_active=True).exclude(told_of="")
    found = [(m, watching.sentence(m, m.told_of)) for m in troubled.select_related("channel")]
    return render(request, "tickets/mailboxes/banner.html", {"troubled": found})


def _mailbox(desk: Desk, mailbox_id: int) -> Mailbox:
    rows = Mailbox.objects.visible_to(desk.actor).select_related("channel__queue")
    found = rows.prefetch_related("folders").filter(pk=mailbox_id).first()
    if found is None:
        raise NotFound
    return found


def _received(desk: Desk, inbound_id: int) -> Inbound:
    rows = Inbound.objects.visible_to(desk.actor).filter(pk=inbound_id, channel__slug="email")
    found = rows.select_related("channel__queue", "raw", "ticket").first()
    if found is None:
        raise NotFound
    return found


def _doors(mailbox: Mailbox) -> dict[str, str]:
    """Return the addresses at which a provider may bring mails, if the channel names one."""
    if not mailbox.channel.options.get("provider"):
        return {}
    key = mailbox.channel.key
    return {
        "webhook": settings.PUBLIC_URL + reverse("email:webhook", args=[key]),
        "tracking": settings.PUBLIC_URL + reverse("email:tracking", args=[key]),
    }


def _come_back_to() -> str:
    return settings.PUBLIC_URL + reverse("email:signed_in")
