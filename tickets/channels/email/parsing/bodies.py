"""Decide which parts of a mail are text, HTML and attachments. Algorithm: RFC 8621 section 4.1.4."""

from dataclasses import dataclass, field

from tickets.channels.email.parsing.mime import Part

READABLE = ("text/plain", "text/html", "text/enriched", "text/richtext")
OTHER_FORMS = ("text/x-amp-html", "text/watch-html")  # the same text again, for the programs of one vendor


@dataclass(slots=True)
class Bodies:
    """The parts that form the text, those that form the HTML (each may include both kinds), and the rest."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attached: list[Part] = field(default_factory=list)


def choose_bodies(root: Part) -> Bodies:
    """Sort the leaf parts of a mail into bodies and attachments; a single readable attachment is a body."""
    bodies = Bodies()
    _sort_parts([root], "mixed", bodies, into_text=True, into_html=True, alternative=False)
    if not bodies.text and not bodies.html:
        readable = [part for part in bodies.attached if part.content_type in READABLE]
        if len(readable) == 1:
            bodies.text, bodies.html = list(readable), list(readable)
            if not readable[0].file_name:
                bodies.attached.remove(readable[0])
    return bodies


def _sort_parts(
    parts: list[Part],
    kind: str,
    bodies: Bodies,
    *,
    into_text: bool,
    into_html: bool,
    alternative: bool,
    root: Part | None = None,
) -> None:
    """Sort the parts of one multipart into `bodies`.

    Within a multipart/alternative, a branch of one kind is added only to the body of that kind. `root` is the
    main part of a multipart/related.
    """
    texts, htmls = len(bodies.text), len(bodies.html)
    for number, part in enumerate(parts):
        if part.is_multipart:
            inner = part.content_type.removeprefix("multipart/")
            _sort_parts(
                part.children, inner, bodies,
                into_text=into_text, into_html=into_html, alternative=alternative or inner == "alternative",
                root=_find_related_root(part) if inner == "related" else None,
            )  # fmt: skip
        elif kind == "alternative" and part.content_type in OTHER_FORMS:
            continue
        elif not _is_body(part, number, kind, root):
            bodies.attached.append(part)
        elif kind == "alternative":
            (bodies.html if part.content_type == "text/html" else bodies.text).append(part)
        else:
            if alternative:
                into_html = into_html and part.content_type == "text/html"
                into_text = into_text and part.content_type != "text/html"
            if into_text:
                bodies.text.append(part)
            if into_html:
                bodies.html.append(part)
    if kind == "alternative" and into_text and into_html:
        _fill_missing(bodies, texts, htmls)


def _find_related_root(related: Part) -> Part | None:
    """Return the main part of a multipart/related, by `start`, by `type`, or else the first readable part."""
    start = related.parameters.get("start", "").strip().strip("<>").strip()
    readable = [part for part in related.children if part.is_multipart or part.content_type in READABLE]
    named = [part for part in related.children if start and part.content_id == start]
    kind = related.parameters.get("type", "").lower()
    typed = [part for part in readable if part.content_type == kind]
    return next(iter([*(part for part in named if part in readable), *typed, *readable]), None)


def _is_body(part: Part, number: int, kind: str, root: Part | None) -> bool:
    """Return whether a leaf part belongs to a body. Images are attachments, which HTML refers to by id."""
    if part.content_type not in READABLE and not part.broken:
        return False
    if kind == "related":
        return part is root and part.disposition != "attachment"
    if part.disposition == "attachment":
        return False
    return number == 0 or kind == "alternative" or not part.file_name


def _fill_missing(bodies: Bodies, texts: int, htmls: int) -> None:
    """Use an alternative that has one kind only for the other body too."""
    if len(bodies.text) == texts:
        bodies.text.extend(bodies.html[htmls:])
    elif len(bodies.html) == htmls:
        bodies.html.extend(bodies.text[texts:])
