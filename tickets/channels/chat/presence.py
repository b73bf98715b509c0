"""Whether an agent is available for a chat, or when one will answer; and all texts of the widget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tickets.channels.registry import form_slugs
from tickets.clock import database_now
from tickets.models import Channel, Company
from tickets.promises import promises
from tickets.promises.promises import Estimate

SOON = timedelta(minutes=30)
KEPT_SECONDS = 15  # how long the availability of agents is cached


@dataclass(frozen=True)
class Presence:
    """Whether an agent is available (None if unknown), and a sentence with {from} and {until} for times."""

    is_here: bool | None
    sentence: str
    from_at: datetime | None = None
    until_at: datetime | None = None


def build_status(channel: Channel, language: str, *, now: datetime) -> dict[str, Any]:
    """Return what the widget needs before a visitor opens it: availability and texts, in `language`."""
    presence = load_presence(channel, now=now, language=language)
    with translation.override(language):
        return {
            "here": presence.is_here,
            "sentence": presence.sentence,
            "from": presence.from_at.isoformat() if presence.from_at else None,
            "until": presence.until_at.isoformat() if presence.until_at else None,
            "language": language,
            "company": Company.current().name,
            "ways": list_other_channels(),
            "words": list_texts(),
        }


def load_presence(channel: Channel, *, now: datetime, language: str) -> Presence:
    """Return who is available for this chat, or else when a mail would be answered, by the estimates."""
    live = promises.estimate_answer(channel.queue, is_live=True, now=now)
    with translation.override(language):
        if live is not None and live.until_at - now <= SOON:
            return Presence(True, _describe_available(live, now=now), live.from_at, live.until_at)
        later = live or promises.estimate_answer(channel.queue, is_live=False, now=now)
        if later is None:
            return Presence(None, _("We cannot say at the moment when a person will answer."))
        sentence = _(
            "Nobody is available to chat right now. A person will answer between {from} and {until}."
        )
        return Presence(False, sentence, later.from_at, later.until_at)


def is_agent_available(channel: Channel) -> bool:
    """Return whether an agent is free to chat; cached for 15 s, because every public page asks for it."""
    key = f"chat-here:{channel.key}"
    is_available = cache.get(key)
    if is_available is None:
        now = database_now()
        live = promises.estimate_answer(channel.queue, is_live=True, now=now)
        is_available = live is not None and live.until_at - now <= SOON
        cache.set(key, is_available, KEPT_SECONDS)
    return bool(is_available)


def list_other_channels() -> list[dict[str, str]]:
    """Return the other open channels as links {href, words}, in the active language."""
    active = Channel.objects.filter(is_active=True, queue__is_active=True).order_by("pk")
    channels = list(active.only("slug", "address"))
    links = []
    if any(channel.slug in form_slugs() for channel in channels):
        links.append({"href": _build_url("portal:request"), "words": _("Write to us")})
        links.append({"href": _build_url("portal:callback"), "words": _("Request a call back")})
    mailbox = next((c.address for c in channels if c.is_mailbox and c.address), "")
    if mailbox:
        links.append({"href": f"mailto:{mailbox}", "words": mailbox})
    return links


def list_texts() -> dict[str, str]:
    """Return the widget's texts in the active language; the widget replaces the names in braces."""
    return {
        "open": _("Chat with us"),
        "close": _("Close the chat"),
        "end": _("End the chat"),
        "human": _("A person reads what you write, and a person answers."),
        "log": _("Conversation"),
        "ways": _("Other ways to contact us"),
        "label": _("Your message"),
        "send": _("Send"),
        "you": _("You"),
        "sending": _("sending"),
        "unsent": _("not sent yet"),
        "offline": _("No connection. Your messages will be sent as soon as it is back."),
        "typing": _("{name} is writing"),
        "with": _("You are chatting with {name}."),
        "promise": _("A person will answer by {until}."),
        "finished": _("This is solved. Write again if something is missing."),
        "by_mail": _("This conversation continues by email."),
        "details": _("Your email, in case you have to leave"),
        "ask": _("Leave your address to receive the answer by email."),
        "name": _("Your name"),
        "email": _("Your email address"),
        "keep": _("Save my address"),
        "kept": _("Thank you. If you leave, you will receive the answer by email."),
        "ended": _("You have ended this chat. Write again to start another one."),
        "unread": _("unread"),
        "file": _("File: {name}"),
        "time": pgettext("time of day in a chat", "{hours}:{minutes}"),
        "full_hour": pgettext("full hour in a chat", "{hours}:{minutes}"),
        "day_and_time": _("{day}, {time}"),
    }


def _build_url(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"


def _describe_available(estimate: Estimate, *, now: datetime) -> str:
    minutes = max(1, math.ceil((estimate.until_at - now).total_seconds() / 60))
    names = [str(name) for name in estimate.basis.get("names", [])][:3]
    if not names:
        return ngettext(
            "We are here and will answer within a minute.",
            "We are here and will answer within %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
    who = ngettext("%(names)s is here.", "%(names)s are here.", len(names)) % {"names": _join_names(names)}
    soon = ngettext(
        "You will have an answer within a minute.",
        "You will have an answer within %(minutes)d minutes.",
        minutes,
    )
    return f"{who} {soon % {'minutes': minutes}}"


def _join_names(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
