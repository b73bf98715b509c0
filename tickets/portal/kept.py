"""What somebody typed, carried on from a page that could not take it in: no word is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.urls import reverse
from django.utils.translation import gettext as _

CARRIED = "carried"  # a form with this field asks for a page with its words filled in, and sends nothing yet
NOT_YET = frozenset({CARRIED, "language"})  # the latter is the button of another language
SEARCHED = "q"
OWN_WORDS = ("text", "comment")
BESIDE = ("token", "email", "name", "subject", "about", "number", "window", "score", "website")
WRITTEN = ("subject", "name", "email", "number")  # of what goes along
LONGEST_MAIL = 1500  # characters in a link that a mail program opens


@dataclass(frozen=True)
class Kept:
    """What was typed: shown as `text` in a field called `name`, the rest going along in `fields`.

    `action` is the address of the form that begins with these words.
    """

    action: str
    name: str
    text: str
    fields: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> str:
        """All that somebody wrote, to be copied."""
        beside = [value for name, value in self.fields if name in WRITTEN]
        return "\n".join(filter(None, [*beside, self.text]))

    @property
    def mail_query(self) -> str:
        """What stands behind a mail address in a link, so that the mail begins with these words."""
        given = {"subject": dict(self.fields).get("subject", ""), "body": self.text[:LONGEST_MAIL]}
        query = urlencode({name: value for name, value in given.items() if value}, quote_via=quote)
        return f"?{query}" if query else ""


def load_kept(request: HttpRequest, *, again: bool = False) -> Kept | None:
    """Return what the request's form holds, or None where nobody typed anything.

    It goes on to the web form; with `again` to the page that it was sent to, as it was.
    """
    try:
        form = request.POST
    except (UnreadablePostError, SuspiciousOperation, BadRequest):
        return None
    typed = {name: str(form[name]) for name in (*OWN_WORDS, *BESIDE) if form.get(name, "").strip()}
    if not typed.keys() - {"token"}:
        return None
    if again:
        name = next((name for name in OWN_WORDS if name in form), "text")
        return Kept(request.path, name, typed.pop(name, ""), tuple(typed.items()))
    text = typed.pop("text", "") or typed.pop("comment", "")
    if number := typed.get("number"):
        text = "\n\n".join(filter(None, [text, _("My phone number: %(number)s") % {"number": number}]))
    beside = {name: typed[name] for name in ("email", "name", "subject") if name in typed}
    return Kept(reverse("portal:request"), "text", text, tuple(beside.items()))


def is_sent(request: HttpRequest) -> bool:
    """Tell whether a form is being sent, rather than a page asked for with words filled in."""
    return request.method == "POST" and not NOT_YET.intersection(request.POST)


def load_initial(request: HttpRequest, *, searched: str = "") -> dict[str, Any]:
    """Return what a form begins with: what was carried here, or in `searched` the words of a search (?q=)."""
    if request.method == "POST":
        return {name: request.POST[name] for name in (*OWN_WORDS, *BESIDE) if name in request.POST}
    words = " ".join(request.GET.get(SEARCHED, "").replace("\x00", "").split())[:200]
    return {searched: words} if searched and words else {}
