"""Convert HTML to lines of text: quotes get "> ", and lines where the old mail begins get a mark."""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.html.hidden import HiddenPart
from tickets.channels.email.parsing.html.tokens import read_attribute, tokenise
from tickets.channels.email.reading.wordlist import split_words

SPACE = re.compile(r"[ \t\r\n\f]+")
PARAGRAPHS = split_words("p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre hr fieldset")
BLOCKS = PARAGRAPHS | split_words(
    """
    address article aside body center dd details div dt figcaption figure footer form head header html li
    main nav section summary tbody tfoot thead title tr
    """
)
QUOTE_DEPTH = 20
LINK_CHARACTERS = 250
MARK_CHARACTERS = 2_000  # of a tag's attributes that are searched for marks
RULE = "-" * 20

# The names that mail programs give to quoted mail. "cut": the old mail begins. "attribution": "On … wrote".
NAMES = re.compile(r"(?:id|class|data-marker)\s{0,3}=\s{0,3}[\"']?([^\"'>]{1,200})", re.IGNORECASE)
CUT_MARKS = split_words(
    """
    divrplyfwdmsg appendonsend olk_src_body_section zwchr stopspelling isreplycontent isforwardcontent
    mail-editor-reference-message-container ms-outlook-mobile-reference-message __quoted_text__
    yahoo_quoted front-blockquote outlookmessageheader moz-forward-container mail_android_quote
    replied-wrapper replymessagecontainer protonmail_quote tutanota_quote
    """
)
ATTRIBUTION_MARKS = split_words("gmail_attr moz-cite-prefix reply-intro quote-header zmail_quote_header")
# What distinguishes a quoted mail from a <blockquote> that a person uses as an indent.
QUOTED_MAIL = re.compile(r"cite|quot|border-left(?!\s*:\s*(?:none|0))|moz-|gmail|yahoo", re.IGNORECASE)
# Outlook and Windows Mail only draw a line above the header of the old mail, without a name.
HEADER_STYLE = re.compile(
    r"border:none;border-top:solid\s\#(?:B5C4DF|E1E1E1)\s1\.0pt;padding:3\.0pt"
    r"|border-top-color:\srgb\(229,\s229,\s229\);\sborder-top-width:\s1px;\sborder-top-style:\ssolid",
    re.IGNORECASE,
)


@dataclass(slots=True)
class HtmlText:
    """Lines of text, and the numbers of those with a mark: "cut", "header", "attribution" or "layout"."""

    lines: list[str] = field(default_factory=list)
    marks: dict[int, str] = field(default_factory=dict)

    @property
    def names_old_mail(self) -> bool:
        """Whether a mark says where the old mail begins."""
        return any(mark != "layout" for mark in self.marks.values())

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


def html_to_text(html: str) -> HtmlText:
    """Convert HTML to lines of text with marks, in linear time; never raises.

    Hidden parts are left out, unless there is nothing else, or one of them is never closed.
    """
    shown = _write_text(html, HiddenPart())
    return shown if shown is not None and shown.lines else _write_text(html, None) or HtmlText()


def _write_text(html: str, hidden: HiddenPart | None) -> HtmlText | None:
    """Return the text without hidden parts, or None if a hidden part is never closed."""
    writer = _Writer()
    for name, content in islice(tokenise(html), limits.HTML_TOKENS):
        if name:
            if hidden is None or not hidden.covers(name, content):
                writer.tag(name, content)
        elif hidden is None or not hidden.depth:
            writer.text(content)
    writer.end_line()
    return None if hidden is not None and hidden.depth else writer.result


class _Writer:
    def __init__(self) -> None:
        self.result = HtmlText()
        self.line: list[str] = []
        self.quotes = 0
        self.indents: list[bool] = []  # for each open <blockquote>, whether it is only an indent
        self.preformatted = 0
        self.lists: list[int] = []  # the next number of each open list; -1 for bullets
        self.link = ""
        self.link_text: list[str] = []
        self.attribution = 0  # open tags inside a marked attribution, 0 outside
        self.attribution_tag = ""

    def text(self, text: str) -> None:
        if "&" in text:
            text = unescape(text)
        if self.preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._add(first)
            for other in others:
                self.end_line(force=True)
                self._add(other)
            return
        text = SPACE.sub(" ", text)
        if text == " " and not self.line:
            return
        self._add(text)

    def tag(self, name: str, attributes: str) -> None:
        if name[0] == "/":
            self._close(name[1:])
        else:
            self._open(name, attributes)

    def end_line(self, *, force: bool = False) -> None:
        """Finish the current line; an empty one is kept only with `force`, and never twice in a row."""
        text = "".join(self.line).replace("\xa0", " ").rstrip()
        text = text if self.preformatted else text.strip()
        self.line.clear()
        lines = self.result.lines
        quote = "> " * min(self.quotes, QUOTE_DEPTH)
        if text:
            if self.attribution:
                self.result.marks[len(lines)] = "attribution"
            elif self.indents and all(self.indents):
                self.result.marks.setdefault(len(lines), "layout")
            lines.append(quote + text)
        elif force and lines:
            if lines[-1].strip("> "):
                lines.append(quote.rstrip())
            elif len(lines[-1]) > len(quote):  # an empty line between two quote depths gets the lower one
                lines[-1] = quote.rstrip()

    def _add(self, text: str) -> None:
        if text:
            self.line.append(text)
            if self.link:
                self.link_text.append(text)

    def _open(self, name: str, attributes: str) -> None:
        if name in BLOCKS:
            self.end_line()
            if name in PARAGRAPHS:
                self.end_line(force=True)
        if self.attribution and name == self.attribution_tag:
            self.attribution += 1
        elif len(attributes) > 5:
            self._mark(name, attributes[:MARK_CHARACTERS])
        if name == "br":
            self.end_line(force=True)
        elif name in ("td", "th"):
            self._add(" ")
        elif name == "a":
            self._open_link(read_attribute(attributes, "href"))
        elif name == "img":
            alternative = read_attribute(attributes, "alt").strip()
            self._add(f"[{SPACE.sub(' ', alternative)[:100]}]" if alternative else "")
        elif name in BLOCKS:
            self._open_block(name, attributes)

    def _open_block(self, name: str, attributes: str) -> None:
        if name == "blockquote":
            self.quotes += 1
            self.indents.append(not QUOTED_MAIL.search(attributes[:MARK_CHARACTERS]))
        elif name == "pre":
            self.preformatted += 1
        elif name == "hr":
            self._add(RULE)
            self.end_line()
            self.end_line(force=True)
        elif name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else -1)
        elif name == "li":
            self._open_item()

    def _open_item(self) -> None:
        number = self.lists[-1] if self.lists else -1
        if number > 0:
            self.lists[-1] += 1
        self._add(f"{number}. " if number > 0 else "- ")

    def _open_link(self, address: str) -> None:
        self.link = address if address.lower().startswith(("http://", "https://")) else ""
        self.link_text.clear()

    def _close(self, name: str) -> None:
        if name in BLOCKS:
            self.end_line()
            if name == "blockquote" and self.quotes:
                self.quotes -= 1
                self.indents.pop()
            if name in PARAGRAPHS:
                self.end_line(force=True)
        if self.attribution and name == self.attribution_tag:
            self.attribution -= 1
        if name == "a":
            self._close_link()
        elif name == "pre":
            self.preformatted = max(self.preformatted - 1, 0)
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()

    def _close_link(self) -> None:
        """Add the link's URL after its text, unless the text is the URL."""
        shown = "".join(self.link_text).strip()
        address, self.link = self.link, ""
        if (
            shown
            and address
            and len(address) <= LINK_CHARACTERS
            and _strip_scheme(shown) != _strip_scheme(address)
        ):
            self._add(f" <{address}>")

    def _mark(self, name: str, attributes: str) -> None:
        """Set the mark of the next line, if the tag's names or style define one."""
        names = {
            word.removeprefix("x_") for value in NAMES.findall(attributes) for word in value.lower().split()
        }
        if names & CUT_MARKS or any("yahoo_quoted" in word for word in names):
            self.end_line()
            self.result.marks[len(self.result.lines)] = "cut"
        elif names & ATTRIBUTION_MARKS and name not in ("br", "hr", "img"):
            self.end_line()
            self.attribution, self.attribution_tag = 1, name
        elif "border-top" in attributes and HEADER_STYLE.search(attributes):
            self.result.marks.setdefault(len(self.result.lines), "header")


def _strip_scheme(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.strip().lower()).rstrip("/")
