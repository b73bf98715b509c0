"""What is known of a trial's days and what had to be assumed, shown with its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routing.models import Trial
from routing.what_if.report import ENOUGH
from tickets import wording


def list_assumptions(trial: Trial) -> list[str]:
    """Return the assumptions of a finished trial, one sentence each."""
    assumed = trial.result["assumed"]
    if trial.kind == Trial.Kind.BUSY:
        return _busy(assumed["busy"])
    return [
        *_what_came(assumed),
        *_few(assumed),
        *_handling(assumed),
        *_patience(assumed),
        *_recorded(assumed),
        *_always(),
    ]


def _what_came(assumed: Mapping[str, Any]) -> list[str]:
    contacts = ngettext(
        "%(contacts)s request as it came, given to the people of the recorded roster (%(people)s).",
        "%(contacts)s requests as they came, given to the people of the recorded roster (%(people)s).",
        assumed["contacts"],
    )
    guessed = ngettext(
        "Not all hours of %(guessed)s person are on record; then from their first answer to their last.",
        "Not all hours of %(guessed)s people are on record; then from their first answer to their last.",
        assumed["guessed"],
    )
    backlog = ngettext(
        "%(backlog)s mail waited already at the start; it counts as if it had come then.",
        "%(backlog)s mails waited already at the start; they count as if they had come then.",
        assumed["backlog"],
    )
    texts = [contacts, _("Skills, languages and queues of people are those of today.")]
    elsewhere = ngettext(
        "%(elsewhere)s of them also works in other queues; here they are wholly there for these.",
        "%(elsewhere)s of them also work in other queues; here they are wholly there for these.",
        assumed["elsewhere"],
    )
    texts += [elsewhere] if assumed["elsewhere"] else []
    texts += [guessed] if assumed["guessed"] else []
    texts += [backlog] if assumed["backlog"] else []
    return [text % assumed for text in texts]


def _few(assumed: Mapping[str, Any]) -> list[str]:
    """Warn of channels in which so little came that single requests decide."""
    names = {"voice": _("calls"), "chat": _("chats"), "mail": _("mails")}
    few = [f"{names[medium]} ({count})" for medium, count in assumed["counts"].items() if count < ENOUGH]
    text = _("Too few came of these to call any difference clear: %(few)s.")
    return [text % {"few": ", ".join(few)}] if few else []


def _handling(assumed: Mapping[str, Any]) -> list[str]:
    texts = []
    words = dict(assumed) | {"usual": wording.format_length(assumed["mail_seconds"])}
    if assumed["mails_measured"]:
        text = _(
            "How long a mail was worked on follows from what its writer did just before. That tells it for "
            "%(mails_measured)s of %(mails)s mails, %(usual)s in the middle; the others are drawn from these."
        )
        texts.append(text % words)
    elif assumed["mails"]:
        texts.append(_("How long mails were worked on is not known; %(usual)s each is assumed.") % words)
    if assumed["live_unknown"]:
        text = ngettext(
            "The length of %(live_unknown)s call or chat is not on record and is drawn from the others.",
            "The length of %(live_unknown)s calls and chats is not on record and is drawn from the others.",
            assumed["live_unknown"],
        )
        texts.append(text % words)
    return texts


def _patience(assumed: Mapping[str, Any]) -> list[str]:
    return [
        _patient(medium, *assumed[f"{medium}_patience"])
        for medium in ("voice", "chat")
        if f"{medium}_patience" in assumed
    ]


def _patient(medium: str, mean: float, left: int, is_usual: bool) -> str:
    words = {"mean": wording.format_length(mean), "left": left}
    if is_usual and medium == "voice":
        return (
            _("Callers are assumed to wait %(mean)s in the mean, as usual: too few gave up to tell.") % words
        )
    if is_usual:
        return (
            _("In chats %(mean)s of patience in the mean is assumed, as usual: too few left to tell.") % words
        )
    if medium == "voice":
        text = _("Callers wait %(mean)s in the mean before they give up, judging by the %(left)s who did.")
    else:
        text = _(
            "In chats people wait %(mean)s in the mean before they leave, judging by the %(left)s who did."
        )
    return text % words


def _recorded(assumed: Mapping[str, Any]) -> list[str]:
    """Say how long people really waited, so that the simulation can be held against it."""
    patterns = {
        "voice": _(
            "On record, callers waited %(wait)s on average and %(left)s gave up. The closer "
            "“Current setup” comes to that, the more it can be trusted."
        ),
        "chat": _("On record, people in chats waited %(wait)s in the mean and %(left)s left."),
    }
    texts = []
    for medium, text in patterns.items():
        count, wait, left = assumed.get(f"{medium}_waited", (0, 0.0, 0.0))
        if count >= ENOUGH:
            texts.append(
                text % {"wait": wording.format_length(wait), "left": wording.format_percent(left, 1)}
            )
    return texts


def _always() -> list[str]:
    return [
        _("How much faster a higher level works, and how seldom it passes on, is assumed as in the rules."),
        _("In each repetition what nobody knows is drawn anew; arrivals move by up to half a minute."),
        _("An interval says how sure the result is for these days; it does not speak of others."),
    ]


def _busy(assumed: Mapping[str, Any]) -> list[str]:
    calls, chats, mails = (wording.format_percent(share) for share in assumed["mix"])
    words = {"seats": assumed["seats"], "calls": calls, "chats": chats, "mails": mails}
    return [
        _("An invented busy day of twelve hours, with %(seats)s people at work at its peak.") % words,
        _("Of what comes, %(calls)s are calls, %(chats)s chats and %(mails)s mails.") % words,
        _("Each repetition is another day. Skills, languages and who knows whom are invented, too."),
    ]
