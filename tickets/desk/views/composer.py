"""Writing: autosaved drafts with their files, macros, and sending as a reply or a note."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tickets.conversation import replies
from tickets.conversation import scheduled as later
from tickets.conversation.replies import Words
from tickets.desk import answers
from tickets.desk.entrance import Desk, for_agents
from tickets.desk.page import thread
from tickets.desk.page.opened import Opened
from tickets.desk.writing import canned, composer, drafts
from tickets.errors import DomainError, Invalid, NotFound, Stale
from tickets.models import Attachment, Draft, Message, Ticket
from tickets.platform import typed_dates

SENT = {
    "pending": gettext_lazy("Sent."),
    "solved": gettext_lazy("Sent and solved."),
    "open": gettext_lazy("Sent. The ticket stays open."),
    "on_hold": gettext_lazy("Sent. The ticket is on hold."),
}
# A mail that can still be taken back has not been sent.
LEAVING = {
    "pending": gettext_lazy("Your reply leaves in a moment. Until then you can undo it."),
    "solved": gettext_lazy("Solved. Your reply leaves in a moment; until then you can undo it."),
    "open": gettext_lazy("The ticket stays open. Your reply leaves in a moment; until then you can undo it."),
    "on_hold": gettext_lazy("On hold. Your reply leaves in a moment; until then you can undo it."),
}


@require_POST
@for_agents
def save_draft(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Keep what is being written; answer with the moment it was kept."""
    ticket = desk.ticket(number)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    seen_seq, opened_at = _seen_seq(request), _opened_at(request)
    draft = drafts.autosave(ticket, desk, kind=kind, text=text, seen_seq=seen_seq, opened_at=opened_at)
    if draft is None:
        return HttpResponse(status=204)
    return render(request, "desk/saved.html", {"saved_at": draft.updated_at})


@require_POST
@for_agents
def attach(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Put uploaded files beside the draft."""
    ticket = desk.ticket(number)
    draft = _keep(request, ticket, desk)
    drafts.attach(draft, request.FILES.getlist("files"), now=desk.now)
    return _files(request, ticket, draft)


@require_POST
@for_agents
def detach(request: HttpRequest, desk: Desk, number: int, public_id: str) -> HttpResponse:
    """Take a file off the draft again."""
    ticket = desk.ticket(number)
    draft = drafts.load_drafts(ticket, desk).get(request.POST.get("kind", ""))
    if draft is None or not drafts.detach(draft, public_id):
        raise NotFound
    return _files(request, ticket, draft)


@require_GET
@for_agents
def macros(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """List the canned responses for this ticket."""
    ticket = desk.ticket(number)
    return render(request, "desk/macros.html", {"macros": canned.load_canned(ticket, desk)})


@require_POST
@for_agents
def send(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Send a reply or keep a note; the page then empties the sheet and reads the conversation again.

    Whatever is refused stays written, with the reason above it.
    """
    ticket = desk.bare_ticket(number)
    kind, then = drafts.checked_kind(request.POST.get("kind", "")), request.POST.get("then", "pending")
    draft = drafts.load_drafts(ticket, desk).get(kind)
    words = Words(request.POST.get("text", ""), _seen_seq(request), draft, request.POST.get("way", ""))
    is_later = "later" in request.POST
    try:
        if kind == composer.REPLY:
            canned.refuse_unfilled(words.text, desk)
        say = replies.note if kind == composer.NOTE else _reply(request, desk, then, later=is_later)
        message = say(ticket, words, by=desk.actor, now=desk.now)
    except DomainError as error:
        ticket = desk.ticket(number, "channel")
        _keep(request, ticket, desk)
        return _kept_back(request, ticket, desk, kind, error)
    ticket = message.ticket
    text = _said(message, then, later=is_later)
    sent = {"kind": kind, "seen": ticket.last_seq, "at": desk.now.isoformat()}
    said = {"text": text, "level": "ok", "about": kind}
    return answers.tell(HttpResponse(status=204), sent=sent, changed={"ticket": ticket.pk}, toast=said)


@require_POST
@for_agents
def take_back(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Take a reply back that has not left yet; its words stand in the composer again."""
    ticket = desk.ticket(number, "channel")
    message = ticket.messages.filter(seq=seq, author_user=desk.user).first()
    if message is None:
        raise NotFound
    later.withdraw_reply(message, by=desk.actor, now=desk.now)
    ticket.refresh_from_db()
    response = render(request, "desk/sent_answer.html", _fresh(ticket, desk))
    text = _("Sending undone. Your text is back in the composer.")
    said = {"text": text, "level": "ok", "about": composer.REPLY}
    return answers.tell(response, changed={"ticket": ticket.pk}, toast=said)


def _reply(request: HttpRequest, desk: Desk, then: str, *, later: bool) -> partial[Message]:
    """Return the verb that sends: at the chosen time, or now with a moment to take it back."""
    if later:
        return partial(replies.reply, then=then, send_at=_chosen_time(request))
    return partial(replies.reply, then=then, undo=timedelta(seconds=desk.undo_seconds))


def _chosen_time(request: HttpRequest) -> datetime:
    """Return the moment somebody chose, in their own time zone."""
    try:
        return typed_dates.read_moment(request.POST.get("send_at", ""))
    except ValueError:
        raise Invalid(_("Choose the day and the time at which it is to be sent."), code="send_at") from None


def _said(message: Message, then: str, *, later: bool) -> str:
    if message.kind == Message.Kind.NOTE:
        return _("Note added.")
    if later:
        return _("Scheduled. It will be sent then, unless the customer writes first.")
    words = LEAVING if message.is_held else SENT
    return str(words.get(then, words["pending"]))


def _keep(request: HttpRequest, ticket: Ticket, desk: Desk) -> Draft:
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    return drafts.save(ticket, desk, kind=kind, text=text, seen_seq=_seen_seq(request))


def _kept_back(
    request: HttpRequest, ticket: Ticket, desk: Desk, kind: str, error: DomainError
) -> HttpResponse:
    newer = composer.newer_than(ticket, _seen_seq(request), desk) if isinstance(error, Stale) else ()
    sheet = composer.build_composer(Opened(ticket, desk), active=kind, newer=newer)
    context = {**_fresh(ticket, desk), "composer": replace(sheet, problem=str(error.sentence))}
    return answers.refused(request, "desk/sent_answer.html", context, error)


def _fresh(ticket: Ticket, desk: Desk) -> dict[str, object]:
    opened = Opened(ticket, desk)
    return {
        "ticket": ticket,
        "desk": desk,
        "now": desk.now,
        "thread": thread.build_thread(opened),
        "composer": composer.build_composer(opened),
    }


def _files(request: HttpRequest, ticket: Ticket, draft: Draft) -> HttpResponse:
    context = {"ticket": ticket, "kind": draft.kind, "files": list(Attachment.objects.filter(draft=draft))}
    return render(request, "desk/draft_files.html", context)


def _seen_seq(request: HttpRequest) -> int:
    text = request.POST.get("seen_seq", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(code="seen_seq")
    return int(text)


def _opened_at(request: HttpRequest) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.POST.get("opened_at", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
