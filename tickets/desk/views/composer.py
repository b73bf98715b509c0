"""Write a message: autosaved drafts and their files, canned responses, sending, and undoing it."""

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
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.page import thread
from tickets.desk.page.ticket import TicketPage
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
# For a mail that can still be undone: it has not been sent yet.
LEAVING = {
    "pending": gettext_lazy("Your reply leaves in a moment. Until then you can undo it."),
    "solved": gettext_lazy("Solved. Your reply leaves in a moment; until then you can undo it."),
    "open": gettext_lazy("The ticket stays open. Your reply leaves in a moment; until then you can undo it."),
    "on_hold": gettext_lazy("On hold. Your reply leaves in a moment; until then you can undo it."),
}


@require_POST
@for_agents
def save_draft(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Save what is being written, and show when it was saved."""
    ticket = desk.ticket(number)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    seen_seq, opened_at = _read_seen_seq(request), _read_opened_at(request)
    draft = drafts.autosave_draft(ticket, desk, kind=kind, text=text, seen_seq=seen_seq, opened_at=opened_at)
    if draft is None:
        return HttpResponse(status=204)
    return render(request, "desk/saved.html", {"saved_at": draft.updated_at})


@require_POST
@for_agents
def attach(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Attach the uploaded files to the draft."""
    ticket = desk.ticket(number)
    draft = _save_draft(request, ticket, desk)
    drafts.attach_files(draft, request.FILES.getlist("files"), now=desk.now)
    return _render_files(request, ticket, draft)


@require_POST
@for_agents
def detach(request: HttpRequest, desk: Desk, number: int, public_id: str) -> HttpResponse:
    """Remove a file from the draft."""
    ticket = desk.ticket(number)
    draft = drafts.load_drafts(ticket, desk).get(request.POST.get("kind", ""))
    if draft is None or not drafts.detach_file(draft, public_id):
        raise NotFound
    return _render_files(request, ticket, draft)


@require_GET
@for_agents
def macros(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """List the canned responses for this ticket."""
    ticket = desk.ticket(number)
    return render(request, "desk/macros.html", {"macros": canned.load_canned_responses(ticket, desk)})


@require_POST
@for_agents
def send(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Send a reply or add a note; the page then clears the editor and reloads the conversation.

    If it is refused, the text is saved as a draft and shown with the reason above it.
    """
    ticket = desk.bare_ticket(number)
    kind, then = drafts.check_kind(request.POST.get("kind", "")), request.POST.get("then", "pending")
    draft = drafts.load_drafts(ticket, desk).get(kind)
    words = Words(request.POST.get("text", ""), _read_seen_seq(request), draft, request.POST.get("way", ""))
    is_later = "later" in request.POST
    try:
        if kind == composer.REPLY:
            canned.refuse_unfilled(words.text, desk)
        if kind == composer.NOTE:
            message = replies.note(ticket, words, by=desk.actor, now=desk.now)
        else:
            message = _send_reply(request, desk, ticket, words, then, later=is_later)
    except DomainError as error:
        ticket = desk.ticket(number, "channel")
        _save_draft(request, ticket, desk)
        return _render_refused(request, ticket, desk, kind, error)
    ticket = message.ticket
    text = _describe_sent(message, then, later=is_later)
    sent = {"kind": kind, "seen": ticket.last_seq, "at": desk.now.isoformat()}
    toast = {"text": text, "level": "ok", "about": kind}
    response = HttpResponse(status=204)
    return responses.trigger_events(response, sent=sent, changed={"ticket": ticket.pk}, toast=toast)


@require_POST
@for_agents
def take_back(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Undo a reply that has not been sent yet, and put its text back into the composer."""
    ticket = desk.ticket(number, "channel")
    message = ticket.messages.filter(seq=seq, author_user=desk.user).first()
    if message is None:
        raise NotFound
    later.withdraw_reply(message, by=desk.actor, now=desk.now)
    ticket.refresh_from_db()
    response = render(request, "desk/sent_answer.html", _build_context(ticket, desk))
    text = _("Sending undone. Your text is back in the composer.")
    toast = {"text": text, "level": "ok", "about": composer.REPLY}
    return responses.trigger_events(response, changed={"ticket": ticket.pk}, toast=toast)


def _send_reply(
    request: HttpRequest, desk: Desk, ticket: Ticket, words: Words, then: str, *, later: bool
) -> Message:
    """Send the reply at the chosen time, or now, with some seconds to undo it."""
    reply = partial(replies.reply, ticket, words, by=desk.actor, now=desk.now, then=then)
    if later:
        return reply(send_at=_read_send_at(request))
    return reply(undo=timedelta(seconds=desk.undo_seconds))


def _read_send_at(request: HttpRequest) -> datetime:
    """Return the moment that the agent chose, in their own time zone. Raises Invalid if there is none."""
    try:
        return typed_dates.read_moment(request.POST.get("send_at", ""))
    except ValueError:
        raise Invalid(_("Choose the day and the time at which it is to be sent."), code="send_at") from None


def _describe_sent(message: Message, then: str, *, later: bool) -> str:
    if message.kind == Message.Kind.NOTE:
        return _("Note added.")
    if later:
        return _("Scheduled. It will be sent then, unless the customer writes first.")
    words = LEAVING if message.is_held else SENT
    return str(words.get(then, words["pending"]))


def _save_draft(request: HttpRequest, ticket: Ticket, desk: Desk) -> Draft:
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    return drafts.save_draft(ticket, desk, kind=kind, text=text, seen_seq=_read_seen_seq(request))


def _render_refused(
    request: HttpRequest, ticket: Ticket, desk: Desk, kind: str, error: DomainError
) -> HttpResponse:
    newer: tuple[Message, ...] = ()
    if isinstance(error, Stale):
        newer = composer.load_newer_messages(ticket, _read_seen_seq(request), desk)
    sheet = composer.build_composer(TicketPage(ticket, desk), active=kind, newer=newer)
    context = {**_build_context(ticket, desk), "composer": replace(sheet, problem=str(error.sentence))}
    return responses.render_refusal(request, "desk/sent_answer.html", context, error)


def _build_context(ticket: Ticket, desk: Desk) -> dict[str, object]:
    page = TicketPage(ticket, desk)
    return {
        "ticket": ticket,
        "desk": desk,
        "now": desk.now,
        "thread": thread.build_thread(page),
        "composer": composer.build_composer(page),
    }


def _render_files(request: HttpRequest, ticket: Ticket, draft: Draft) -> HttpResponse:
    context = {"ticket": ticket, "kind": draft.kind, "files": list(Attachment.objects.filter(draft=draft))}
    return render(request, "desk/draft_files.html", context)


def _read_seen_seq(request: HttpRequest) -> int:
    text = request.POST.get("seen_seq", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(code="seen_seq")
    return int(text)


def _read_opened_at(request: HttpRequest) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.POST.get("opened_at", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
