"""The old mail inside a forward: who wrote it, when, and where its words begin. Pure; offsets into the text.

Mail programs write the forwarder's lines, a title ("Forwarded message", Outlook none), a copied header, and
the old mail's words; Apple Mail quotes the last two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.channels.email.reply.oldheader import (
    HEADER_LINES,
    RULES,
    find_header_end,
    is_dated_title,
    is_title,
    read_label,
)

FORWARD_SUBJECT = re.compile(
    r"^\s*(?:(?:fwd?|tr|wg|wl|rv|enc|i|doorst|pd|vb|vl|转发|轉寄|転送)\s*[:：]\s*)+", re.IGNORECASE
)
# What the titles of forwards have in them, in small letters.
FORWARD_STEMS = (
    *("forward", "transfér", "transfer", "réexpédi", "reexpedi", "transmis", "weitergeleitet", "reenvia"),
    *("inoltra", "encaminha", "doorgestuurd", "vidarebefordra", "videresend", "przekazan", "пересыл"),
    *("переадрес", "转发", "転送"),
)
ADDRESS = re.compile(r"[^\s<>\"()\[\],;:|*]{1,64}@[^\s<>\"()\[\],;:|*]{1,190}")
REPLY_TO = re.compile(r"^(?:reply[- ]?to|répondre à|antwort an|responder a|rispondi a)\s*:", re.IGNORECASE)
QUOTED = re.compile(r"^[ \t]*>[ ]?")
MOST_LINES = 5_000
MOST_FOUND = 5
NO_BREAK = str.maketrans({"\xa0": " ", "\u202f": " ", "\u2009": " "})


@dataclass(frozen=True, slots=True)
class OldMail:
    """One old mail in a text: its sender (an address in lower case or "", a name), date and subject.

    Date and subject are as written. The forwarder's lines end at `ends`, its own words begin at `starts`.
    `reply_to` is the address for answers that some programs copy too.
    `is_announced`: a title above it says that it was forwarded. `is_quoted`: its lines stand behind ">".
    """

    address: str
    name: str
    reply_to: str
    sent: str
    subject: str
    ends: int
    starts: int
    is_announced: bool = False
    is_quoted: bool = False


def strip_forward_prefix(subject: str) -> str:
    """Return a subject without prefixes such as "Fwd:"."""
    return FORWARD_SUBJECT.sub("", subject).strip()


def announces_forward(text: str) -> bool:
    """Tell whether a text has a word that announces a forwarded mail. Quick, since it runs for every mail."""
    small = text.lower()
    return any(stem in small for stem in FORWARD_STEMS)


def find_old_mails(text: str) -> list[OldMail]:
    """Return the mails whose quoted headers are in a text, in order, at most MOST_FOUND."""
    found = []
    for old in _old_mails(text):
        found.append(old)
        if len(found) >= MOST_FOUND:
            break
    return found


def split_forward(text: str, old: OldMail) -> tuple[str, str]:
    """Return the forwarder's own lines and the old mail's words."""
    before, words = text[: old.ends].strip(), text[old.starts :]
    if not old.is_quoted:
        return before, words.strip()
    lines, inside = words.splitlines(), []
    while lines and (QUOTED.match(lines[0]) or not lines[0].strip()):
        inside.append(QUOTED.sub("", lines.pop(0), count=1))
    own = filter(None, [before, "\n".join(lines).strip()])
    return "\n\n".join(own), "\n".join(inside).strip()


def _old_mails(text: str) -> Iterator[OldMail]:
    whole = text.split("\n", MOST_LINES)
    starts = _offsets(whole)
    lines = [line.translate(NO_BREAK).rstrip("\r") for line in whole[:MOST_LINES]]
    number = 0
    while number < len(lines):
        end = _header_end(lines, number) if read_label(lines[number]) else -1
        if end < 0:
            number += 1
            continue
        title, is_announced = _title_above(lines, number)
        fields = list(_fields(lines[number:end]))
        sender = _first(fields, "from")
        yield OldMail(
            address=_only_address(sender),
            name=_name(sender),
            reply_to=_only_address(_first(fields, "reply-to")),
            sent=_first(fields, "sent", "date"),
            subject=_first(fields, "subject"),
            ends=starts[title],
            starts=min(starts[end] if end < len(starts) else len(text), len(text)),
            is_announced=is_announced,
            is_quoted=all(QUOTED.match(line) for line in lines[number:end] if line.strip()),
        )
        number = end


def _header_end(lines: list[str], start: int) -> int:
    """Return the line after a copied header, or -1; below a title a sender's bare name is enough of one."""
    end = find_header_end(lines, start)
    if end >= 0 or not _title_above(lines, start)[1]:
        return end
    end = start
    while end < min(start + HEADER_LINES, len(lines)) and read_label(lines[end]):
        end += 1
    kinds = {read_label(line) for line in lines[start:end]}
    return end if "from" in kinds and len(kinds) > 1 else -1


def _offsets(lines: list[str]) -> list[int]:
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return [*starts, position - 1]


def _title_above(lines: list[str], start: int) -> tuple[int, bool]:
    """Return the first line that belongs to an old mail's header, and whether it says it was forwarded."""
    first, is_announced = start, False
    for number in range(start - 1, max(start - 4, -1), -1):
        line = lines[number]
        if not line.strip(" \t>"):
            continue
        if is_title(line) or is_dated_title(lines, number):
            first, is_announced = number, is_announced or announces_forward(line)
        elif not line.strip(RULES + ">") and len(line.strip()) > 4:
            first = number
        break
    return first, is_announced


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the kind of each field of a copied header and its value; a folded value is put together."""
    kind, value = "", ""
    for line in lines:
        bare = QUOTED.sub("", line).strip(" \t*_|")
        if here := read_label(line):
            if kind:
                yield kind, value
            kind = "reply-to" if REPLY_TO.match(bare) else here
            value = bare.replace("：", ":").partition(":")[2].strip(" \t*_|")
        else:
            value = f"{value} {bare}".strip()
    if kind:
        yield kind, value


def _first(fields: list[tuple[str, str]], *kinds: str) -> str:
    return next((value[:200] for kind, value in fields if kind in kinds), "")


def _only_address(value: str) -> str:
    """Return the address that a field names, in lower case, or "" where it names none or several."""
    found = {address.strip("'.").lower().removeprefix("mailto:") for address in ADDRESS.findall(value)}
    return found.pop() if len(found) == 1 else ""


def _name(value: str) -> str:
    name = re.split(r"[<\[(]|\s\S+@", value, maxsplit=1)[0].strip(" \t\"'*,")
    return "" if "@" in name else name[:150]
