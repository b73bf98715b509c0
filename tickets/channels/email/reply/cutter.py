"""Find the new part of a mail's text, line by line in linear time; in doubt, text is kept.

The lines are first sorted into blocks (text, quote, introduction of a quote, header of the old mail). Then:
- the old mail's header, or an introduction without quote marks below it, ends the new text; if there is
  nothing above it, the mail is a forward, or the answer is below, and the text that follows is new;
- an introduction and the quote below it are dropped, unless there are answers between the quotes: then the
  quotes between them are kept, since "yes" means nothing without its question;
- a quote at the end is dropped without an introduction too, unless a line that ends in a colon precedes it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tickets.channels.email.reply.attribution import find_attributions, is_introduction
from tickets.channels.email.reply.marker import find_marker
from tickets.channels.email.reply.oldheader import find_header_end, is_dated_title, is_title, read_label
from tickets.channels.email.reply.signature import is_signature, strip_signature

QUOTE = re.compile(r"^[ \t]*>(?!From )")
NAMED_QUOTE = re.compile(r"^[ \t]{0,4}([A-Za-zÀ-ÿ][\w.]{0,15})>(?:[ \t]|$)")
PIPE_QUOTE = re.compile(r"^[ \t]*\|(?:[ \t]|$)")
LABELLED = re.compile(r"^.{1,25}?[:：]")
QUOTE_MARKS = re.compile(r"^[ \t>|]+")
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Converts spaces of every width and the curly apostrophe to the characters of our patterns.
PLAIN = str.maketrans(
    dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F], " ") | {0x2019: "'"}
)


@dataclass(slots=True, eq=False)
class Block:
    """The lines from `start` to before `end`, of one kind: text, quote, introduction, unsure or header.

    "unsure" is either an introduction or text. `introduced` means that an introduction precedes the block.
    """

    kind: str
    start: int
    end: int
    introduced: bool = False


def extract_new_text(text: str, *, marks: dict[int, str] | None = None, is_reply: bool = True) -> str:
    """Return the new part of a text, or all of it if no old part is found.

    `marks` are marks from the HTML by line number. `is_reply` is whether the mail answers another one: then
    a quote at its end is the old mail even without an introduction.
    """
    written = text.split("\n")
    lines = written if text.isascii() else [_normalise_line(line) for line in written]
    marker = find_marker(lines)
    if marker >= 0 and (above := _find_new_lines(lines[:marker], marks or {}, is_reply=True, closed=True)):
        return _join_lines(above, written)
    kept = _find_new_lines(lines, marks or {}, is_reply=is_reply)
    return _join_lines(kept or _trim_empty_lines(lines, range(len(lines))), written)


def _normalise_line(line: str) -> str:
    """Return a line for comparison: with composed letters and plain spaces, without invisible characters."""
    return line if line.isascii() else unicodedata.normalize("NFC", UNSEEN.sub("", line)).translate(PLAIN)


def _join_lines(numbers: Sequence[int], written: list[str]) -> str:
    return "\n".join(written[number].rstrip() for number in numbers)


def _find_new_lines(
    lines: list[str], marks: dict[int, str], *, is_reply: bool, closed: bool = False
) -> Sequence[int]:
    """Return the numbers of the new lines; empty if there is no text of the writer's own."""
    blocks = _keep_until_old_mail(_split_blocks(lines, marks, is_reply=is_reply), lines, closed=closed)
    kept = _drop_quotes(blocks, lines, marks, is_reply=is_reply)
    if not any(block.kind == "text" for block in kept):
        return ()
    numbers = _list_line_numbers(kept)
    return _trim_empty_lines(lines, numbers[: len(strip_signature([lines[number] for number in numbers]))])


def _split_blocks(lines: list[str], marks: dict[int, str], *, is_reply: bool) -> list[Block]:
    """Sort the lines into blocks; empty lines belong to the block before them."""
    blocks: list[Block] = []
    introductions = find_attributions(lines)
    number = 0
    while number < len(lines):
        last = blocks[-1] if blocks else None
        kind, end = _classify_line(lines, number, marks, introductions, last, is_reply=is_reply)
        is_empty = kind == "text" and not lines[number].strip()
        if last and (is_empty or (last.kind == kind and kind in ("text", "quote"))):
            last.end = end
        else:
            blocks.append(
                Block(kind, number, end, introduced=bool(last and last.kind in ("introduction", "unsure")))
            )
        number = max(end, number + 1)
    return [
        block
        for block in blocks
        if block.kind != "text" or any(line.strip() for line in lines[block.start : block.end])
    ]


def _classify_line(
    lines: list[str],
    number: int,
    marks: dict[int, str],
    introductions: dict[int, tuple[int, bool]],
    last: Block | None,
    *,
    is_reply: bool,
) -> tuple[str, int]:
    """Return the kind of block that a line belongs to, and the line after those classified with it."""
    line = lines[number]
    mark = marks.get(number)
    if mark == "cut" or (mark == "header" and LABELLED.match(line)):
        return "header", max(find_header_end(lines, number), number)
    if mark == "attribution":
        return "introduction", number + 1
    if number in introductions:
        end, is_sure = introductions[number]
        return ("introduction" if is_sure else "unsure"), end
    if QUOTE.match(line) or _is_unusual_quote(lines, number, last):
        return "quote", number + 1
    titled = is_title(line) or is_dated_title(lines, number)
    end = _find_title_end(lines, number) if titled else find_header_end(lines, number, is_reply=is_reply)
    return ("header", end) if end > 0 else ("text", number + 1)


def _is_unusual_quote(lines: list[str], number: int, last: Block | None) -> bool:
    """Return whether a line is quoted by a bar or a name: after an introduction, or if the name repeats."""
    named = NAMED_QUOTE.match(lines[number])
    if last and (last.kind == "introduction" or (last.kind == "quote" and last.introduced)):
        return bool(named or PIPE_QUOTE.match(lines[number]))
    return named is not None and _is_name_repeated(lines, number, named[1])


def _find_title_end(lines: list[str], number: int) -> int:
    """Return the line after a title and the header that may follow it."""
    following = number + 1
    while following < len(lines) and following < number + 3 and not lines[following].strip():
        following += 1
    if following < len(lines) and read_label(lines[following]):
        return max(find_header_end(lines, following), number + 1)
    return number + 1


def _is_name_repeated(lines: list[str], number: int, name: str) -> bool:
    """Return whether a neighbouring line has the same name as its quote mark, as in "Dana> …"."""
    neighbours = lines[max(number - 1, 0) : number] + lines[number + 1 : number + 2]
    return any((match := NAMED_QUOTE.match(line)) and match[1] == name for line in neighbours)


def _keep_until_old_mail(blocks: list[Block], lines: list[str], *, closed: bool) -> list[Block]:
    """Return the texts and quotes before the old mail, without headers and introductions.

    `closed` means that the old mail follows the last line, so that an introduction there ends the text.
    """
    kept: list[Block] = []
    has_text = False
    for number, block in enumerate(blocks):
        following = blocks[number + 1].kind if number + 1 < len(blocks) else ""
        if block.kind == "unsure":
            if following == "quote" or (closed and not following):
                continue
            block.kind = "text"
        if block.kind == "header" or (block.kind == "introduction" and following != "quote"):
            if has_text:
                break
        elif block.kind in ("text", "quote"):
            kept.append(block)
            if block.kind == "text" and not is_signature(lines[block.start : block.end]):
                has_text = True
    return kept


def _drop_quotes(
    blocks: list[Block], lines: list[str], marks: dict[int, str], *, is_reply: bool
) -> list[Block]:
    """Drop signatures and quotes at the end, and an introduced quote above a single answer."""
    kept = list(blocks)
    texts = [block for block in blocks if block.kind == "text"]
    # The first text is always kept.
    while texts and kept[-1] is not texts[0] and _can_be_dropped(kept, lines, marks, is_reply=is_reply):
        if kept.pop() is texts[-1]:
            texts.pop()
    if len(texts) == 1 and kept[0].kind == "quote" and kept[0].introduced:
        return texts
    return kept


def _can_be_dropped(kept: list[Block], lines: list[str], marks: dict[int, str], *, is_reply: bool) -> bool:
    last = kept[-1]
    content = lines[last.start : last.end]
    if last.kind == "text":
        return is_signature(content) and kept[-2].kind == "quote"
    if last.introduced or _holds_old_mail(content):
        return True
    if any(marks.get(number) == "layout" for number in range(last.start, last.end)):
        return False
    return is_reply and not _is_presented(lines[max(last.start - 3, 0) : last.start])


def _holds_old_mail(quote: list[str]) -> bool:
    """Return whether a quote begins like a mail: with an introduction, a title or a header."""
    inner = [QUOTE_MARKS.sub("", line) for line in quote[:12]]
    filled = [line for line in inner if line.strip()][:6]
    joined = [" ".join(filled[:count]) for count in (1, 2, 3)]
    if any(is_introduction(text) for text in joined) or any(is_title(line) for line in filled[:2]):
        return True
    return any(
        read_label(line) and find_header_end(inner, number) > 0 for number, line in enumerate(inner[:4])
    )


def _is_presented(above: list[str]) -> bool:
    """Return whether the last line above a quote ends in a colon, as in "the error is:"."""
    filled = [line for line in above if line.strip()]
    return bool(filled) and filled[-1].rstrip().endswith((":", "："))


def _list_line_numbers(blocks: list[Block]) -> list[int]:
    return [number for block in blocks for number in range(block.start, block.end)]


def _trim_empty_lines(lines: list[str], numbers: Sequence[int]) -> Sequence[int]:
    """Return line numbers without those of empty lines at the start and the end."""
    start, end = 0, len(numbers)
    while start < end and not lines[numbers[start]].strip():
        start += 1
    while end > start and not lines[numbers[end - 1]].strip():
        end -= 1
    return numbers[start:end]
