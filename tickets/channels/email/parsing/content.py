"""The words of a mail: its text, its HTML as sent and made safe, whatever mixture of parts they came in."""

import re
from dataclasses import dataclass
from html import escape

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.bodies import Bodies
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.html.sanitise import HtmlRefused, clean, measure
from tickets.channels.email.parsing.html.text import HtmlText, html_to_text
from tickets.channels.email.parsing.mime import Part

META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
RICH_COMMAND = re.compile(r"<<|<param>[^<]{0,500}</param>|</?[a-zA-Z-]{1,60}>", re.IGNORECASE)


@dataclass(slots=True)
class Content:
    """What the parts of a mail say."""

    text: str = ""
    html: str = ""  # as sent
    safe_html: str = ""
    remote_images: int = 0
    html_text: HtmlText | None = None  # set when the text had to be read from the HTML


def read(bodies: Bodies, decoder: Decoder, defects: list[str]) -> Content:
    """Decode the chosen parts. HTML that the guard refuses leaves its text."""
    content = Content()
    decoded = {
        id(part): _decode(part, decoder, defects)
        for part in {id(p): p for p in bodies.text + bodies.html}.values()
    }
    if any(part.content_type == "text/html" for part in bodies.html):
        html = "\n".join(_as_html(part, decoded[id(part)]) for part in bodies.html).strip()
        _take_html(content, html, defects)
    if any(part.content_type != "text/html" for part in bodies.text):
        content.text = _join([_as_text(part, decoded[id(part)]) for part in bodies.text])
    _fill_text(content)
    return content


def read_words(text: str, html: str, defects: list[str]) -> Content:
    """Take texts that came decoded already, from inside an attachment."""
    content = Content(text=text[: limits.TEXT_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").rstrip())
    if html:
        _take_html(content, html.strip(), defects)
        _fill_text(content)
    return content


def _take_html(content: Content, html: str, defects: list[str]) -> None:
    content.html = html
    try:
        content.remote_images = measure(html).remote_images
        content.safe_html = clean(html)
    except HtmlRefused as refused:
        defects.append(f"{refused}: its text is shown")


def _fill_text(content: Content) -> None:
    """Read the text from the HTML where there is no other."""
    if content.html and not content.text:
        content.html_text = html_to_text(content.html[: limits.HTML_CHARACTERS])
        content.text = content.html_text.text[: limits.TEXT_CHARACTERS]


def _decode(part: Part, decoder: Decoder, defects: list[str]) -> str:
    data = part.content(defects)
    charset = part.parameters.get("charset", "")
    if part.content_type == "text/html" and not charset and (meta := META_CHARSET.search(data[:4096])):
        charset = meta[1].decode("ascii")
    return decoder.decode(data, charset).replace("\r\n", "\n").replace("\r", "\n")


def _as_text(part: Part, whole: str) -> str:
    text = whole[: limits.TEXT_CHARACTERS]
    if part.content_type == "text/html":
        return html_to_text(text).text
    if part.content_type in ("text/enriched", "text/richtext"):
        return RICH_COMMAND.sub(lambda match: "<" if match[0] == "<<" else "", text)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _as_html(part: Part, text: str) -> str:
    if part.content_type == "text/html":
        return text
    return f'<div style="white-space: pre-wrap">{escape(_as_text(part, text))}</div>' if text.strip() else ""


def _join(texts: list[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())[: limits.TEXT_CHARACTERS].rstrip()


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
            lines.append(_quoted("".join(flowing), depth))
            flowing = []
        depth = quotes
        soft = bare.endswith(" ") and bare != "-- "
        flowing.append(bare[:-1] if soft and delete_space else bare)
        if not soft:
            lines.append(_quoted("".join(flowing), depth))
            flowing = []
    if flowing:
        lines.append(_quoted("".join(flowing), depth))
    return "\n".join(lines)


def _quoted(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}".rstrip(" ") if depth else line
