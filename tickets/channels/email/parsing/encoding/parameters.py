"""Parse Content-Type and Content-Disposition: a value and its parameters (RFC 2231), with errors in them."""

import re
from urllib.parse import unquote_to_bytes

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_name, decode_raw

# Possessive quantifiers and no leading run, so that a hostile value causes no backtracking.
PARAMETER = re.compile(r'([^\s=;"]{1,80})\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)|([^;]*+))', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ESCAPED_BYTES = re.compile(r"%20|%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]")  # a space, or a letter in UTF-8
SECTION = re.compile(r"^([^*]+)\*(\d{1,3})(\*?)$")
CHARSET_PREFIX = re.compile(r"^([A-Za-z0-9_.:-]{0,40})'([^']{0,20})'")
MEDIA_TYPE = re.compile(r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}$")


def parse_value(raw: bytes, decoder: Decoder) -> tuple[str, dict[str, str]]:
    """Return the value in lower case, and its decoded parameters by lower-case name."""
    text = decode_raw(raw[: limits.HEADER_VALUE_BYTES], decoder)
    value, _, rest = text.partition(";")
    if "=" in value and "/" not in value:  # Content-Type: charset=utf-8
        value, rest = "", text
    return value.strip().strip("\"'").lower(), _collect_parameters(rest, decoder)


def normalise_media_type(value: str, default: str) -> str:
    """Return a media type as type/subtype, or the default if it is invalid."""
    value = re.sub(r"\([^()]*\)|\s", "", value[:300])
    if MEDIA_TYPE.match(value):
        return value
    return {"text": "text/plain", "html": "text/html", "plain": "text/plain"}.get(value, default)


def _collect_parameters(text: str, decoder: Decoder) -> dict[str, str]:
    """Return the parameters; the sections of RFC 2231 are joined in order and percent-decoded."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(PARAMETER.finditer(text)):
        if count >= limits.PARAMETERS:
            break
        name, quoted, bare = match[1].lower(), match[2], match[3]
        value = ESCAPED.sub(r"\1", quoted) if quoted is not None else bare.strip()
        if section := SECTION.match(name):
            sections.setdefault(section[1], {})[int(section[2])] = (value, bool(section[3]))
        elif name.endswith("*") and len(name) > 1:
            sections.setdefault(name[:-1], {}).setdefault(0, (value, True))
        else:
            plain.setdefault(name, value)
    parameters = {
        name: decode_name(_percent_decode(value), decoder, form="NFC") for name, value in plain.items()
    }
    parameters.update({name: _decode_extended(parts, decoder) for name, parts in sections.items()})
    return parameters


def _percent_decode(value: str) -> str:
    """Decode a percent-encoded name in a plain parameter: "Devis%20%C3%A9t%C3%A9.pdf"."""
    if not ESCAPED_BYTES.search(value) or " " in value or not value.isascii():
        return value
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return value


def _decode_extended(parts: dict[int, tuple[str, bool]], decoder: Decoder) -> str:
    """Decode a value of RFC 2231: charset'language'percent-encoded text, in numbered sections."""
    charset = ""
    data = b""
    for number, (value, is_encoded) in sorted(parts.items()):
        prefix = CHARSET_PREFIX.match(value) if is_encoded and number == min(parts) else None
        if prefix:
            charset = prefix[1]
        rest = value[prefix.end() :] if prefix else value
        data += unquote_to_bytes(rest) if is_encoded else rest.encode("utf-8", "replace")
    return decode_name(decoder.decode(data, charset), decoder, form="NFC")
