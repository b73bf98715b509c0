"""The content of a mail: its text, its HTML as sent, and the sanitised HTML, from any mixture of parts."""

import re
from dataclasses import dataclass
from html import escape

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.bodies import Bodies
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.html.sanitise import HtmlRefused, clean_html, measure_html
from tickets.channels.email.parsing.html.text import HtmlText, html_to_text
from tickets.channels.email.parsing.mime import Part
from tickets.channels.email.reply.signature import is_signature

META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
UNSEEN = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]")
NO_WORDS = " \t\r\n\xa0\u2007\u2009\u202f\u3000-–—_=*.·•|~+#>"
PLACEHOLDER_CHARACTERS = 330
SHORT_CHARACTERS, SHORT_HTML = 200, 50_000
# What programs write instead of a text, and virus scanners and phones below an empty one.
HTML_WORD = re.compile(
    r"\b(?:html|rich[- ]text|multi-?part|mime|formatierte\w*|mis en forme|formatad[oa]s?|formattat[oa])\b",
    re.IGNORECASE,
)
MAIL_WORD = re.compile(
    r"\b(?:e-?mails?|mails?|message|client|program\w*|reader|viewer|messagerie|courriel|lecteur|nachricht|mensaje"
    r"|correo|messaggio|bericht|mensagem|wiadomo\w+|zpráva|meddelande\w*)\b",
    re.IGNORECASE,
)
IN_BROWSER = re.compile(
    r"\b(?:view|read|see|open|display)\b.{0,80}\bbrowser\b|\b(?:afficher|voir|lire|consulter)\b.{0,80}\bnavigateur\b"
    r"|\bbrowser\b.{0,40}\b(?:ansehen|anzeigen|öffnen|bekijken|openen)\b"
    r"|\b(?:ver|verlo|visualizza\w*)\b.{0,60}\b(?:navegador|browser)\b",
    re.IGNORECASE,
)
SCANNED = re.compile(
    r"\b(?:virus(?:es)?|malware|mailscanner|avast|antivirus\w*|viren\w*|scanned|gescannt|analysé|spam)\b",
    re.IGNORECASE,
)
# Every sentence of a placeholder has such a word; a sentence without one is the writer's own.
ABOUT_THE_FORMAT = re.compile(
    rf"{HTML_WORD.pattern}|{IN_BROWSER.pattern}|{SCANNED.pattern}|https?://|www\.", re.IGNORECASE
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s")
WORD = re.compile(r"\w{2,}")
RICH_COMMAND = re.compile(r"<<|<param>[^<]{0,500}</param>|</?[a-zA-Z-]{1,60}>", re.IGNORECASE)


@dataclass(slots=True)
class Content:
    """The content of a mail's parts."""

    text: str = ""
    shown_text: str | None = None  # the part of the text to show, if not all of it
    html: str = ""  # as sent
    safe_html: str = ""
    remote_images: int = 0
    html_text: HtmlText | None = None  # set if the text was extracted from the HTML


def read_content(bodies: Bodies, decoder: Decoder, defects: list[str]) -> Content:
    """Decode the chosen parts. Of HTML that would take too long to sanitise, only the text is kept."""
    content = Content()
    decoded = {
        id(part): _decode(part, decoder, defects)
        for part in {id(p): p for p in bodies.text + bodies.html}.values()
    }
    if any(part.content_type == "text/html" for part in bodies.html):
        html = "\n".join(_convert_to_html(part, decoded[id(part)]) for part in bodies.html).strip()
        _set_html(content, html, defects)
    if any(part.content_type != "text/html" for part in bodies.text):
        texts = [_convert_to_text(part, decoded[id(part)]) for part in bodies.text]
        content.text = _join_texts(texts)
        if content.html and (is_placeholder(texts[0]) or len(content.text) <= SHORT_CHARACTERS):
            _prefer_html(content, stands_in=is_placeholder(texts[0]))
    _fill_text(content)
    return content


def _prefer_html(content: Content, *, stands_in: bool) -> None:
    """Use the HTML's text if the plain text is only a placeholder, or a different text."""
    if not stands_in and len(content.html) > SHORT_HTML:
        return
    shown = html_to_text(content.html[: limits.HTML_CHARACTERS])
    words = set(WORD.findall(shown.text))
    if not words or not (stands_in or words.isdisjoint(WORD.findall(content.text))):
        return
    content.html_text = shown
    below = "" if stands_in else content.text.strip()
    content.text = f"{shown.text}\n\n{below}".rstrip()[: limits.TEXT_CHARACTERS]


def build_content(text: str, html: str, defects: list[str]) -> Content:
    """Return the content of texts that are decoded already, such as those of a winmail.dat."""
    content = Content(text=text[: limits.TEXT_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").rstrip())
    if html:
        _set_html(content, html.strip(), defects)
        _fill_text(content)
    return content


def _set_html(content: Content, html: str, defects: list[str]) -> None:
    content.html = html
    try:
        content.remote_images = measure_html(html).remote_images
        content.safe_html = clean_html(html)
    except HtmlRefused as refused:
        defects.append(f"{refused}: its text is shown")


def _fill_text(content: Content) -> None:
    """Extract the text from the HTML if there is no other."""
    if content.html and not content.text:
        content.html_text = html_to_text(content.html[: limits.HTML_CHARACTERS])
        content.text = content.html_text.text[: limits.TEXT_CHARACTERS]


def _decode(part: Part, decoder: Decoder, defects: list[str]) -> str:
    data = part.content(defects)
    charset = part.parameters.get("charset", "")
    if part.content_type == "text/html" and not charset and (meta := META_CHARSET.search(data[:4096])):
        charset = meta[1].decode("ascii")
    return decoder.decode(data, charset).replace("\r\n", "\n").replace("\r", "\n")


def _convert_to_text(part: Part, whole: str) -> str:
    text = whole[: limits.TEXT_CHARACTERS]
    if part.content_type == "text/html":
        return html_to_text(text).text
    if part.content_type in ("text/enriched", "text/richtext"):
        return RICH_COMMAND.sub(lambda match: "<" if match[0] == "<<" else "", text)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _convert_to_html(part: Part, text: str) -> str:
    if part.content_type == "text/html":
        return text
    return (
        f'<div style="white-space: pre-wrap">{escape(_convert_to_text(part, text))}</div>'
        if text.strip()
        else ""
    )


def _join_texts(texts: list[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())[: limits.TEXT_CHARACTERS].rstrip()


def is_placeholder(text: str) -> bool:
    """Return whether a plain text is a placeholder: a dash, "your program shows no HTML", or a footer.

    If a person wrote it after all, nothing is lost: the HTML, which is used instead, has the text too.
    """
    if len(text) > PLACEHOLDER_CHARACTERS:
        return False
    visible = UNSEEN.sub("", text)
    if not visible.strip(NO_WORDS):
        return True
    sentences = [part for part in SENTENCE_END.split(" ".join(visible.split())) if part.strip(NO_WORDS)]
    is_about_mail = MAIL_WORD.search(visible) or IN_BROWSER.search(visible) or SCANNED.search(visible)
    if is_about_mail and all(ABOUT_THE_FORMAT.search(sentence) for sentence in sentences):
        return True
    return is_signature([line for line in visible.split("\n") if line.strip()])


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join the soft line breaks of format=flowed. Source: RFC 3676 section 4."""
    lines: list[str] = []
    flowing: list[str] = []
    depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        quotes = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if flowing and quotes != depth:
            lines.append(_add_quote_marks("".join(flowing), depth))
            flowing = []
        depth = quotes
        soft = bare.endswith(" ") and bare != "-- "
        flowing.append(bare[:-1] if soft and delete_space else bare)
        if not soft:
            lines.append(_add_quote_marks("".join(flowing), depth))
            flowing = []
    if flowing:
        lines.append(_add_quote_marks("".join(flowing), depth))
    return "\n".join(lines)


def _add_quote_marks(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}".rstrip(" ") if depth else line
