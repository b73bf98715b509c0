"""Describe a notice in one sentence in the reader's language, which claims no more than the notice does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tickets import wording
from tickets.customers.personal import mask_if_hidden
from tickets.models.channels.notice import Notice

ICONS: Mapping[str, str] = {
    Notice.Kind.RECEIPT: "eye",
    Notice.Kind.ABSENCE: "moon",
    Notice.Kind.ANSWER: "auto",
    Notice.Kind.APPOINTMENT: "calendar",
    Notice.Kind.DELAY: "clock",
    Notice.Kind.DELIVERED: "check",
    Notice.Kind.LIST: "mail",
}
KEPT_BECAUSE: Mapping[str, Promise] = {
    Notice.Kind.RECEIPT: gettext_lazy("A read receipt that belongs to no ticket"),
    Notice.Kind.ABSENCE: gettext_lazy("An absence notice that belongs to no ticket"),
    Notice.Kind.ANSWER: gettext_lazy("An automatic answer that belongs to no ticket"),
    Notice.Kind.APPOINTMENT: gettext_lazy("An answer to an appointment that belongs to no ticket"),
    Notice.Kind.DELAY: gettext_lazy("A delay notice about no email of ours"),
    Notice.Kind.DELIVERED: gettext_lazy("A delivery notice about no email of ours"),
    Notice.Kind.LIST: gettext_lazy("Sent by a mailing list's software, with no person behind it"),
}
WITHOUT_DATE: Mapping[str, Promise] = {
    "displayed": gettext_lazy("Read receipt from %(name)s: the message was opened"),
    "deleted": gettext_lazy("Receipt from %(name)s: the message was deleted"),
    "dispatched": gettext_lazy("Receipt from %(name)s: the message was sent on"),
    "processed": gettext_lazy("Receipt from %(name)s: software handled the message, perhaps unseen"),
    "denied": gettext_lazy("Receipt from %(name)s: they do not say whether the message was read"),
}
WITH_DATE: Mapping[str, Promise] = {
    "displayed": gettext_lazy("Read receipt from %(name)s (%(moment)s): the message was opened"),
    "deleted": gettext_lazy("Receipt from %(name)s (%(moment)s): the message was deleted"),
    "dispatched": gettext_lazy("Receipt from %(name)s (%(moment)s): the message was sent on"),
    "processed": gettext_lazy(
        "Receipt from %(name)s (%(moment)s): software handled the message, perhaps unseen"
    ),
    "denied": gettext_lazy(
        "Receipt from %(name)s (%(moment)s): they do not say whether the message was read"
    ),
}
ANSWERS: Mapping[str, tuple[Promise, Promise]] = {
    "ACCEPTED": (
        gettext_lazy("%(name)s accepted the appointment “%(summary)s” of %(moment)s"),
        gettext_lazy("%(name)s accepted the appointment “%(summary)s”"),
    ),
    "DECLINED": (
        gettext_lazy("%(name)s declined the appointment “%(summary)s” of %(moment)s"),
        gettext_lazy("%(name)s declined the appointment “%(summary)s”"),
    ),
    "TENTATIVE": (
        gettext_lazy("%(name)s tentatively accepted the appointment “%(summary)s” of %(moment)s"),
        gettext_lazy("%(name)s tentatively accepted the appointment “%(summary)s”"),
    ),
}


@dataclass(frozen=True)
class NoticeContext:
    """What a sentence needs beside the notice.

    `name` is the sender as shown, `sender` their address; `is_hidden` masks addresses from this reader.
    """

    name: str
    now: datetime
    sender: str = ""
    is_hidden: bool = False


def choose_icon(kind: str) -> str:
    """Return the icon of a kind of notice."""
    return ICONS.get(kind, "auto")


def describe_notice(says: Mapping[str, Any], reading: NoticeContext) -> str:
    """Return a notice's content in one sentence; `says` are the fields of the channel's `Notice`."""
    kind = says.get("kind")
    if kind == Notice.Kind.RECEIPT:
        return _describe_receipt(says, reading)
    if kind == Notice.Kind.ABSENCE:
        return _describe_absence(says, reading)
    if kind == Notice.Kind.APPOINTMENT:
        return _describe_appointment(says, reading)
    if kind in (Notice.Kind.DELAY, Notice.Kind.DELIVERED):
        return _describe_report(says, reading)
    if kind == Notice.Kind.LIST:
        return _describe_quote(
            says, reading, _("Mailing list %(name)s"), _("Mailing list %(name)s: “%(words)s”")
        )
    return _describe_quote(
        says, reading, _("Automatic answer from %(name)s"), _("Automatic answer from %(name)s: “%(words)s”")
    )


def _describe_quote(says: Mapping[str, Any], reading: NoticeContext, bare: str, quoting: str) -> str:
    words = says.get("quote", "")
    return (quoting if words else bare) % {"name": reading.name, "words": words}


def _describe_receipt(says: Mapping[str, Any], reading: NoticeContext) -> str:
    at, what = _parse_moment(says), says.get("what", "")
    names = {"name": reading.name, "moment": wording.format_moment(at, now=reading.now) if at else ""}
    pattern = (WITH_DATE if at else WITHOUT_DATE).get(what)
    return str(pattern) % names if pattern else _("Receipt from %(name)s") % names


def _describe_absence(says: Mapping[str, Any], reading: NoticeContext) -> str:
    day = _format_day(says.get("date", ""))
    if not day:
        bare, quoting = _("Absence notice from %(name)s"), _("Absence notice from %(name)s: “%(words)s”")
        return _describe_quote(says, reading, bare, quoting)
    pattern = (
        _("Absence notice from %(name)s: back on %(day)s")
        if says.get("what") == "back"
        else _("Absence notice from %(name)s: away until %(day)s")
    )
    return pattern % {"name": reading.name, "day": day}


def _format_day(text: str) -> str:
    """Format the day of an absence, such as "4 December", with the year only if the notice gives one."""
    try:
        if len(text) == 5:
            leap = date.fromisoformat(f"2024-{text}")  # a leap year, for 29 February; the year is not shown
            return wording.format_date(leap, pgettext("day of any year", "j F"))
        return wording.format_full_date(date.fromisoformat(text))
    except ValueError:
        return ""


def _describe_appointment(says: Mapping[str, Any], reading: NoticeContext) -> str:
    about: Sequence[str] = says.get("addresses", ())
    name = reading.name
    if about and about[0].lower() != reading.sender.lower():  # somebody answered for them
        name = mask_if_hidden(about[0], is_hidden=reading.is_hidden)
    summary, start = says.get("quote", ""), says.get("date", "")
    patterns = ANSWERS.get(says.get("what", ""))
    if patterns is None or not summary:
        return _("%(name)s answered an invitation") % {"name": name}
    moment = _format_start(start)
    return str(patterns[0] if moment else patterns[1]) % {"name": name, "summary": summary, "moment": moment}


def _format_start(start: str) -> str:
    try:
        if len(start) == 10:
            return wording.format_full_date(date.fromisoformat(start))
        return wording.format_full_moment(datetime.fromisoformat(start)) if start else ""
    except ValueError:
        return ""


def _describe_report(says: Mapping[str, Any], reading: NoticeContext) -> str:
    about = [mask_if_hidden(one, is_hidden=reading.is_hidden) for one in says.get("addresses", ())]
    words = {"addresses": ", ".join(about), "moment": ""}
    if says.get("kind") == Notice.Kind.DELIVERED:
        return _choose_delivery_sentence(says.get("what", "")) % words if about else _("Delivery notice")
    until = _parse_moment(says)
    if not about:
        return _("Delay notice: an email has not arrived yet")
    if until is None:
        return _("Delay notice: not yet delivered to %(addresses)s; the mail server keeps trying") % words
    words["moment"] = wording.format_deadline(until, now=reading.now)
    return _("Delay notice: not yet delivered to %(addresses)s; tried until %(moment)s") % words


def _choose_delivery_sentence(action: str) -> str:
    if action == "delivered":
        return _("Delivery notice: delivered to %(addresses)s")
    if action == "relayed":
        return _("Delivery notice: passed on towards %(addresses)s, by a server that reports no further")
    if action == "expanded":
        return _("Delivery notice: %(addresses)s stands for several people, to whom it was sent on")
    return _("Delivery notice: on its way to %(addresses)s")


def _parse_moment(says: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(says.get("date", ""))
    except ValueError:
        return None
    return at if timezone.is_aware(at) else None
