"""Keep what somebody typed in a form, when a page cannot accept it, and show it again in the next form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.urls import reverse
from django.utils.translation import gettext as _

CARRIED = "carried"  # a POST with this field only opens a page with the form filled in; it sends nothing
NOT_YET = frozenset({CARRIED, "language"})  # "language" is the button of the language switch
SEARCHED = "q"
OWN_WORDS = ("text", "comment")
BESIDE = ("token", "email", "name", "subject", "about", "number", "window", "score", "website")
WRITTEN = ("subject", "name", "email", "number")  # those of BESIDE that the person typed
LONGEST_MAIL = 1500  # characters in a link that a mail program opens


@dataclass(frozen=True)
class Kept:
    """What was typed in a form: `text` in the field `name`, and the other fields as (name, value).

    `action` is the URL of the form that is filled in with them.
    """

    action: str
    name: str
    text: str
    fields: tuple[tuple[str, str], ...]

    @property
    def whole(self) -> str:
        """Everything that the person typed, as one text to copy."""
        beside = [value for name, value in self.fields if name in WRITTEN]
        return "\n".join(filter(None, [*beside, self.text]))

    @property
    def mail_query(self) -> str:
        """The query of a mailto: link that fills in the mail's subject and text; or an empty string."""
        given = {"subject": dict(self.fields).get("subject", ""), "body": self.text[:LONGEST_MAIL]}
        query = urlencode({name: value for name, value in given.items() if value}, quote_via=quote)
        return f"?{query}" if query else ""


def read_typed_form(request: HttpRequest, *, again: bool = False) -> Kept | None:
    """Return what was typed in the request's form, or None if it is empty or cannot be read.

    It will fill in the web form; with `again`, the same page's form once more, with all its fields.
    """
    try:
        form = request.POST
    except (UnreadablePostError, SuspiciousOperation, BadRequest):
        return None
    typed = {name: str(form[name]) for name in (*OWN_WORDS, *BESIDE) if form.get(name, "").strip()}
    if not getattr(request, "csrf_processing_done", False):
        typed.pop("token", None)  # the form may be another site's, which would know the token of the next one
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
    """Tell whether this POST sends the form. Some only open a page with the form filled in (NOT_YET)."""
    return request.method == "POST" and not NOT_YET.intersection(request.POST)


def load_initial(request: HttpRequest, *, searched: str = "") -> dict[str, Any]:
    """Return a form's initial values: those that were POSTed, else the words of a search (?q=).

    `searched` is the name of the field that gets the words of the search.
    """
    if request.method == "POST":
        return {name: request.POST[name] for name in (*OWN_WORDS, *BESIDE) if name in request.POST}
    words = " ".join(request.GET.get(SEARCHED, "").replace("\x00", "").split())[:200]
    return {searched: words} if searched and words else {}
