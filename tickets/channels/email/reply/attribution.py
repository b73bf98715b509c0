"""Find the lines that introduce a quoted mail, such as "On 3 May Dana wrote:", in many languages."""

import re

from tickets.channels.email.reading.wordlist import split_phrases

WINDOW_LINES = 6
WINDOW_CHARACTERS = 600
MAX_CANDIDATES = 1_000  # lines of one mail that are rated
UNSURE, SURE, COMPLETE = 1, 2, 3  # the rating of an introduction; a complete one has its first word too

VERBS = "|".join(
    split_phrases(
        """
        wrote  writes  has written  a écrit  a ecrit  écrivait  schrieb  geschrieben  escribió  escribio
        escreveu  ha scritto  scrisse  schreef  geschreven  napisał  napisała  pisze  skrev  kirjoitti
        написал  написала  пишет  пише  написав  написа  napsal  napsala  napísal  napísala  írta  a scris
        yazdı  şunu yazdı  έγραψε  כתב  כתבה  كتب  كتبت  نوشت  写道  寫道  書きました  작성
        썼습니다  đã viết  napisao  napisala  napisal  va escriure  ha escrit  escrigué  rašė  kirjutas
        rakstīja  escribiu  a écrit ceci  schreef het volgende  napisana przez  scriveva  escrevia
        escribía  skrifaði  skrev följande  ysgrifennodd  menulis  เขียนว่า  ने लिखा
        """
    )
)
FIRST_WORDS = "|".join(
    split_phrases(
        """
        on  at  le  am  em  el  il  op  den  på  dnia  w dniu  dne  dňa  v  in  pe  kl  tarihinde  στις
        ngày  vào  dana  às  в  a  lördag  torsdag  with  data  vào lúc  no dia  il giorno  från  od  von
        in message  в сообщении  dia  missatge de  mensaje de  wiadomość  בתאריך  في  بتاريخ  در  kuupäeval
        """
    )
)
# The last word of a verb with several words, in case a program has wrapped the line before it.
VERB_ENDS = re.compile(
    r"^\W*(?:écrit|ecrit|written|scritto|escriure|escrit|scris|viết|yazdı|geschreven|przez.{0,80})\s*[:：]\s*$",
    re.IGNORECASE,
)
VERB = re.compile(rf"(?<!\w)(?:{VERBS})(?!\w)", re.IGNORECASE)
AFTER_VERB = re.compile(r"(?:\(a\))?\s?[:：](?=\s)")
CLOCK_END = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}(?:\s?(?:uhr|h|am|pm))?\)?\s?[:：]$", re.IGNORECASE)
DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{2}(?!\d)"
)  # with a year
TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.hH時点시]\s?\d{2}(?!\d)|\d{1,2}\s?[aApP]\.?[mM]\b")
ADDRESS = re.compile(r"[^\s<>\"@]{1,64}@[^\s<>\"@]{1,100}\.[^\s<>\"@]{1,60}")
BEGINS_WITH_WORD = re.compile(
    rf"[\s*_\"'«>-]*(?:{FIRST_WORDS})(?!\w).{{0,90}}?(?:\d|\b(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu"
    rf"|ven|sam|dim))",
    re.IGNORECASE,
)
BEGINS_WITH_DATE = re.compile(
    r"^[\s*_]*(?:[^\W\d_]{2,12}\.?,?\s)?(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4})"
)
# Gmail's short form, with neither verb nor colon: 2016-10-24 15:36 GMT+02:00 Dana <dana@example.com>
BARE_DATE = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}\b.{0,60}?(?:GMT|UTC|<[^<>\s]+@[^<>\s]+>)")
GROUPWISE = re.compile(r"^>>> (?!>).{3,200}\d.{0,80} >>>\s*$")
IN_MESSAGE = re.compile(r"in (?:message|article) <[^<>\s]{1,300}>", re.IGNORECASE)


def find_attributions(lines: list[str]) -> dict[int, tuple[int, bool]]:
    """Return the introductions: the number of the first line → (that of the line after the last, is_sure).

    A sure one has an address, or a time and a date with its year, which people do not write in "On 3 May at
    10:00 your colleague wrote:". An unsure one counts only if a quote follows.
    """
    introductions: dict[int, tuple[int, bool]] = {}
    free = tried = 0  # the first line that belongs to no introduction yet; the number of lines rated
    for number, line in enumerate(lines):
        if number >= free and (BARE_DATE.match(line) or GROUPWISE.match(line)):
            introductions[number] = _find_bare_date_end(lines, number)
            free = introductions[number][0]
        elif number >= free and tried < MAX_CANDIDATES and (last := _find_possible_end(line)):
            tried += 1
            start, is_sure = _find_start(lines, number, last)
            if start >= free:
                introductions[start] = (number + 1, is_sure)
                free = number + 1
    return introductions


def is_introduction(line: str) -> bool:
    """Return whether a single line is surely an introduction."""
    return _rate_introduction(line) >= SURE


def _find_start(lines: list[str], last: int, ending: str) -> tuple[int, bool]:
    """Return the first line of the introduction that ends at line `last`, or -1, and whether it is sure.

    `ending` is the part of the last line that belongs to it. If more text follows on that line, only a
    complete introduction counts.
    """
    is_cut = len(ending) < len(lines[last].rstrip(" \t*"))
    window, blanks, best = "", 0, (-1, 0)
    for number in range(last, max(last - WINDOW_LINES, -1), -1):
        line = ending.strip() if number == last else lines[number].strip()
        blanks += not line
        if (
            blanks > 1
            or len(window) + len(line) > WINDOW_CHARACTERS
            or (number < last and _ends_a_sentence(line))
        ):
            break
        window = f"{line.removeprefix('>').strip() if number < last else line} {window}".strip()
        rating = _rate_introduction(window) if line else 0
        if rating > best[1]:
            best = (number, rating)
        if rating == SURE and _begins_with_name(window) and number and lines[number - 1].strip():
            # The date may be wrapped as well: "Le lun. 3" above "mai 2027 à 08:12, Support <…> a écrit :".
            further = f"{lines[number - 1].strip().removeprefix('>').strip()} {window}"
            if len(further) <= WINDOW_CHARACTERS and _rate_introduction(further) == COMPLETE:
                best = (number - 1, COMPLETE)
        if rating == COMPLETE or (rating == SURE and _begins_with_name(window)):
            break
    if is_cut and best[1] < COMPLETE:
        return -1, False
    return best[0], best[1] >= SURE


def _find_possible_end(line: str) -> str:
    """Return the part of a line that may end an introduction, or "" for a line that cannot."""
    if ":" not in line and "：" not in line and "-" not in line:
        return ""
    line = line.rstrip(" \t*")
    if not line or len(line) > WINDOW_CHARACTERS:
        return _find_inner_end(line[:WINDOW_CHARACTERS])
    if line[-1] not in ":：-":
        return _find_inner_end(line)
    if line.strip(" >") in (":", "："):
        return line
    if line[-1] != "-" and ("@" in line or len(line) < 4 or CLOCK_END.search(line[-14:])):
        return line
    return line if VERB.search(line) or VERB_ENDS.match(line) else ""


def _find_inner_end(line: str) -> str:
    """Return a line up to the colon of an introduction, if the quoted text follows on the same line."""
    if ":" not in line or ("@" not in line and not TIME.search(line)):
        return ""
    for count, verb in enumerate(VERB.finditer(line)):
        if count == 5:
            break
        if colon := AFTER_VERB.match(line, verb.end()):
            head = line[: colon.end()].rstrip()
            if ADDRESS.search(head) or (DATE.search(head) and TIME.search(head)):
                return head
    return ""


def _rate_introduction(text: str) -> int:
    """Return the rating of a text as an introduction: 0, UNSURE, SURE or COMPLETE."""
    text = text.rstrip(" *")
    verbs = list(VERB.finditer(text))
    if text.endswith("--"):
        return COMPLETE if text.startswith("--") and verbs else 0
    if not text.endswith((":", "：")):
        return 0
    address, moment = ADDRESS.search(text), DATE.search(text) and TIME.search(text)
    opened = BEGINS_WITH_WORD.match(text) and ((verbs and (moment or address)) or (address and moment))
    dated = BEGINS_WITH_DATE.match(text) and (address or (verbs and moment))
    if opened or dated or (verbs and IN_MESSAGE.match(text)):
        return COMPLETE
    if any(verb.start() <= 200 and len(text) - verb.end() <= 160 for verb in verbs):
        return SURE if address or moment else UNSURE
    return 0


def _begins_with_name(text: str) -> bool:
    """Return whether a text such as "Dana <dana@example.com> wrote:" begins with the name."""
    opening, closing = text.find("<"), text.find(">")
    return 0 < opening < closing and not text.startswith("mailto:")


def _ends_a_sentence(line: str) -> bool:
    return len(line) > 40 and line.endswith((".", "!", "?")) and not line[-2].isdigit()


def _find_bare_date_end(lines: list[str], number: int) -> tuple[int, bool]:
    """Return the line after an introduction that begins with a bare date; its address may be wrapped."""
    line = lines[number].rstrip()
    if line.endswith("<") and number + 1 < len(lines):
        return number + 2, True
    return number + 1, True
