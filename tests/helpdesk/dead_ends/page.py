"""One page as somebody without JavaScript meets it: its links, its forms, what stands in their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

TYPED = ("text", "email", "tel", "search", "textarea")


@dataclass
class Field:
    """A control of a form; `kind` is its type, or "textarea"."""

    name: str
    kind: str
    value: str = ""
    is_checked: bool = False


@dataclass
class Form:
    """A form: where it is sent, and what it holds."""

    action: str
    method: str
    id: str = ""
    fields: list[Field] = field(default_factory=list)

    @property
    def typed(self) -> list[Field]:
        """The fields in which somebody writes; not the decoy, which nobody sees."""
        return [one for one in self.fields if one.kind in TYPED and one.name != "website"]

    def data(self) -> dict[str, str]:
        """Return what a browser sends, with the first answer of each question."""
        sent: dict[str, str] = {}
        for one in self.fields:
            if one.kind == "radio":
                sent.setdefault(one.name, one.value)
            elif one.kind not in ("submit", "file", "checkbox") and one.name:
                sent[one.name] = one.value
        return sent


class Page(HTMLParser):
    """What a page offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.languages: dict[str, tuple[str, str]] = {}  # by language the form that goes along, and where to
        self.draft = ""  # what the chat's window begins with
        self._form: Form | None = None
        self._area: Field | None = None
        self.feed(text)

    @property
    def is_to_a_person(self) -> bool:
        """Whether a person is reached from this page itself: a mail, a call, a form that people read."""
        if any(link.startswith(("mailto:", "tel:")) for link in self.links):
            return True
        return any(f.method == "post" and any(x.name == "text" for x in f.typed) for f in self.forms)

    def holds(self, value: str) -> bool:
        """Tell whether something that was typed is on the page, in a field or a link."""
        in_fields = any(value in one.value for form in self.forms for one in form.fields)
        return in_fields or value in self.text or any(value in unquote(link) for link in self.links)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(
                given.get("action", ""), given.get("method", "get").lower(), given.get("id", "")
            )
            self.forms.append(self._form)
        elif tag == "button" and given.get("name") == "language":
            self.languages[given["value"]] = (given.get("form", ""), given.get("formaction", ""))
        elif tag == "script":
            self.draft = given.get("data-draft", self.draft)
        elif tag in ("input", "textarea") and (given.get("name") or tag == "textarea"):
            kind = "textarea" if tag == "textarea" else given.get("type", "text")
            one = Field(given.get("name", ""), kind, given.get("value", ""), "checked" in given)
            if tag == "textarea":
                self._area = one
            (self._form or self._loose).fields.append(one)

    @property
    def _loose(self) -> Form:
        """A form for fields outside of any."""
        self.forms.append(Form("", "none"))
        return self.forms[-1]

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data if self._area.value else data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None


def path_of(link: str) -> str:
    """Return the path and query of a link within this site, or an empty text."""
    parts = urlsplit(link)
    if parts.scheme not in ("", "http", "https") or not parts.path.startswith("/"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
