"""Sanitise the HTML of a mail: nh3 with our allow-list, after a check against slow input."""

import re
from dataclasses import dataclass
from importlib.metadata import version

import nh3

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.html.hidden import hides_element
from tickets.channels.email.parsing.html.tokens import read_attribute, tokenise
from tickets.channels.email.reading.wordlist import split_words

# Stored with the sanitised HTML. Raise it with every change here; a sweep then sanitises old mails again.
VERSION = f"2/nh3-{version('nh3')}"

TAGS = split_words(
    """
    a abbr address b blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3
    h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot
    th thead tr u ul
    """
)
# Removed with their content. SVG and MathML must stay here: most bugs of the sanitiser involved them.
DROPPED = split_words(
    """
    script style title template noscript iframe frame frameset object embed applet svg math audio video
    canvas
    """
)
ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style", "align", "hidden"},
    "a": {"href"},
    "blockquote": {"cite", "type"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"start", "type"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "td": {"bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "th": {"bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "tr": {"bgcolor", "valign"},
}
# No position or opacity: nothing may overlap the page or look like a part of it. Of display, only "none" is
# kept, which hides a preview line (`_filter_common`).
STYLES = split_words(
    """
    background-color border border-bottom border-collapse border-color border-left border-right
    border-spacing border-style border-top border-width color direction display font font-family font-size
    font-style font-variant font-weight height letter-spacing line-height list-style-type margin
    margin-bottom margin-left margin-right margin-top max-width padding padding-bottom padding-left
    padding-right padding-top text-align text-decoration text-indent text-transform vertical-align
    white-space width word-break word-spacing word-wrap
    """
)
UNSAFE_STYLE = re.compile(
    r"\\|url\s*\(|expression\s*\(|image-set|@|/\*|<|-\s*\d+(?:\.\d+)?\s*(?:px|em|%|vh|vw|cm|in|pt)",
    re.IGNORECASE,
)
DISPLAY = re.compile(r"(?<![\w-])display\s*:", re.IGNORECASE)
INLINE_IMAGE = re.compile(r"^data:image/(?:png|gif|jpe?g|webp);base64,", re.IGNORECASE)
OWN_IMAGE = re.compile(r"^\s*cid\s*:", re.IGNORECASE)
SCHEME = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)
REMOTE_IMAGE = re.compile(r"^https?://", re.IGNORECASE)
SAFE_LINK = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
VOID = split_words("area base br col embed hr img input link meta param source track wbr")
TABLE = split_words("table thead tbody tfoot tr td th caption colgroup col")
CELLS = split_words("td th caption")
CLOSED_BY_THE_NEXT = split_words(
    "p li dt dd td th tr thead tbody tfoot option optgroup"
)  # often never closed
FORMATTING = split_words("a b big code em font i nobr s small strike strong tt u")


class HtmlRefused(Exception):
    """Sanitising or showing the HTML would take too long; the message says why."""


def sanitise(html: str, *, remote_images: bool = False) -> str:
    """Return HTML that is safe inside a sandboxed frame.

    Images of the mail itself are kept (cid:, data:), remote ones only with `remote_images`.

    Raises:
        HtmlRefused: it would take too long.
    """
    measure_html(html)
    return clean_html(html, remote_images=remote_images)


def clean_html(html: str, *, remote_images: bool = False) -> str:
    """Return safe HTML. Call it only with HTML that `measure_html` has accepted."""
    return (_WITH_REMOTE if remote_images else _LOCAL).clean(html)


def measure_html(html: str) -> "Measure":
    """Return counts of an HTML text. nh3's time grows with the square of several of them.

    Raises:
        HtmlRefused: one of the counts is too large.
    """
    if len(html) > limits.HTML_CHARACTERS:
        raise HtmlRefused("the HTML is too large")
    counted = Measure()
    for name, content in tokenise(html):
        if not name:
            counted.entities += content.count("&")
            counted.refuse_slow()
        elif name[0] == "/":
            counted.close(name[1:])
        elif name not in VOID or counted.in_table:
            counted.open(name, content)
        if name == "img" and REMOTE_IMAGE.match(read_attribute(content, "src").strip()):
            counted.remote_images += 1
    return counted


@dataclass(slots=True)
class Measure:
    """The counts of one HTML text."""

    depth: int = 0
    links: int = 0
    formatting: int = 0  # open <b>, <font> …, which HTML parsers open again in every paragraph
    work: int = 0
    entities: int = 0  # in one run of text
    in_table: bool = False  # between cells, where HTML parsers move content out of the table
    moved: int = 0
    tags: int = 0
    roots: int = 0
    remote_images: int = 0

    def open(self, name: str, attributes: str) -> None:
        self.entities = 0
        self.tags += 1
        self.links += name == "a"
        self.roots += name in ("html", "body", "head")
        if name in TABLE:
            self.in_table = name not in CELLS
        else:
            self.moved += self.in_table
        if name not in CLOSED_BY_THE_NEXT:
            self.depth += 1
        self.formatting += name in FORMATTING
        self.work += self.formatting + self.depth // 10
        if (
            len(attributes) > limits.HTML_ATTRIBUTES
            and len(QUOTED.sub("", attributes)) > limits.HTML_ATTRIBUTES
        ):
            raise HtmlRefused("a tag of the HTML has too many attributes")
        self.refuse_slow()

    def close(self, name: str) -> None:
        self.tags += 1
        if name not in CLOSED_BY_THE_NEXT:
            self.depth = max(self.depth - 1, 0)
        if name in TABLE:
            self.in_table = name != "table"
        self.formatting = max(self.formatting - (name in FORMATTING), 0)
        self.work += self.depth // 10

    def refuse_slow(self) -> None:
        if self.depth > limits.HTML_DEPTH:
            raise HtmlRefused("the HTML is nested too deeply")
        if self.links > limits.HTML_LINKS:
            raise HtmlRefused("the HTML has too many links")
        slow = (
            self.work > limits.HTML_WORK
            or self.tags > limits.HTML_TAGS
            or self.entities > limits.HTML_ENTITIES
            or self.moved > limits.HTML_MOVED
            or self.roots > limits.HTML_ROOTS
        )
        if slow:
            raise HtmlRefused("the HTML would take too long to clean")


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if INLINE_IMAGE.match(value) else _own_image(value)
    return _filter_common(name, value)


def _filter_attribute_remote(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if INLINE_IMAGE.match(value) or REMOTE_IMAGE.match(value) else _own_image(value)
    return _filter_common(name, value)


def _own_image(value: str) -> str | None:
    """Return the URL of an image of the mail itself (an id, a name or a location) as cid:, or None."""
    if OWN_IMAGE.match(value):
        return f"cid:{value.partition(':')[2].strip()}"
    return None if SCHEME.match(value) or not value.strip() else f"cid:{value.strip()}"


def _filter_common(name: str, value: str) -> str | None:
    """Keep absolute links; remove style properties that load, overlap, or are read in different ways."""
    if name == "href":
        return value if SAFE_LINK.match(value.strip()) else None
    if name == "cite":
        return value if SAFE_LINK.match(value.strip()) else None
    if name != "style":
        return value
    if hides_element(value):
        return "display:none"
    if not (UNSAFE_STYLE.search(value) or DISPLAY.search(value)):
        return value
    return ";".join(
        part for part in value.split(";") if not (UNSAFE_STYLE.search(part) or DISPLAY.search(part))
    )


def _cleaner(attribute_filter: object) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        attribute_filter=attribute_filter,  # type: ignore[arg-type]
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        filter_style_properties=set(STYLES),
        url_relative="pass_through",
    )


_LOCAL = _cleaner(_filter_attribute)
_WITH_REMOTE = _cleaner(_filter_attribute_remote)
