"""Lines that introduce a quoted mail: "On 3 May Dana wrote:", in the languages mail programs speak."""

import re

from tickets.channels.email.reading.wordlist import phrases

WINDOW_LINES = 6
WINDOW_CHARACTERS = 600
CANDIDATES = 1_000  # lines of one mail that are looked at closely
UNSURE, SURE, COMPLETE = 1, 2, 3  # how sure an introduction is; a complete one has its first word too

VERBS = "|".join(
    phrases(
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
OPENERS = "|".join(
    phrases(
        """
        on  at  le  am  em  el  il  op  den  på  dnia  w dniu  dne  dňa  v  in  pe  kl  tarihinde  στις
        ngày  vào  dana  às  в  a  lördag  torsdag  with  data  vào lúc  no dia  il giorno  från  od  von
        in message  в сообщении  dia  missatge de  mensaje de  wiadomość  בתאריך  في  بتاريخ  در  kuupäeval
        """
    )
)
# The last word of a verb of several, where a program has wrapped the line between them.
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
OPENED = re.compile(
    rf"[\s*_\"'«>-]*(?:{OPENERS})(?!\w).{{0,90}}?(?:\d|\b(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu"
    rf"|ven|sam|dim))",
    re.IGNORECASE,
)
DATED = re.compile(
    r"^[\s*_]*(?:[^\W\d_]{2,12}\.?,?\s)?(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4})"
)
# Gmail's short form, with neither verb nor colon: 2016-10-24 15:36 GMT+02:00 Dana <dana@example.com>
BARE_DATE = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}\b.{0,60}?(?:GMT|UTC|<[^<>\s]+@[^<>\s]+>)")
GROUPWISE = re.compile(r"^>>> (?!>).{3,200}\d.{0,80} >>>\s*$")
IN_MESSAGE = re.compile(r"in (?:message|article) <[^<>\s]{1,300}>", re.IGNORECASE)


def find_attributions(lines: list[str]) -> dict[int, tuple[int, bool]]:
    """Return where introductions begin: first line → (line after the last, whether it is surely one).

    A sure one names an address, or a time and a date with its year, which people who write "On 3 May at 10:00
    your colleague wrote:" do not. An unsure one counts only when a quote follows.
    """
    found: dict[int, tuple[int, bool]] = {}
    free = tried = 0  # the first line that belongs to no introduction yet; how many were looked at closely
    for number, line in enumerate(lines):
        if number >= free and (BARE_DATE.match(line) or GROUPWISE.match(line)):
            found[number] = _bare_date(lines, number)
            free = found[number][0]
        elif number >= free and tried < CANDIDATES and (last := _possible_end(line)):
            tried += 1
            start, is_sure = _begin(lines, number, last)
            if start >= free:
                found[start] = (number + 1, is_sure)
                free = number + 1
    return found


def is_introduction(line: str) -> bool:
    """Tell whether one line alone is surely an introduction."""
    return _rate(line) >= SURE


def _begin(lines: list[str], last: int, ending: str) -> tuple[int, bool]:
    """Return the line where the introduction that ends at `last` begins, or -1, and whether it is sure.

    `ending` is what of the last line belongs to it; where more follows on that line, only a complete one with
    an address or a whole moment is believed.
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
        rating = _rate(window) if line else 0
        if rating > best[1]:
            best = (number, rating)
        if rating == SURE and _is_whole(window) and number and lines[number - 1].strip():
            # The date may have been wrapped too: "Le lun. 3" above "mai 2027 à 08:12, Support <…> a écrit :".
            further = f"{lines[number - 1].strip().removeprefix('>').strip()} {window}"
            if len(further) <= WINDOW_CHARACTERS and _rate(further) == COMPLETE:
                best = (number - 1, COMPLETE)
        if rating == COMPLETE or (rating == SURE and _is_whole(window)):
            break
    if is_cut and best[1] < COMPLETE:
        return -1, False
    return best[0], best[1] >= SURE


def _possible_end(line: str) -> str:
    """Return what of a line can be the end of an introduction, or ""; nothing else is looked at further."""
    if ":" not in line and "：" not in line and "-" not in line:
        return ""
    line = line.rstrip(" \t*")
    if not line or len(line) > WINDOW_CHARACTERS:
        return _inner_end(line[:WINDOW_CHARACTERS])
    if line[-1] not in ":：-":
        return _inner_end(line)
    if line.strip(" >") in (":", "："):
        return line
    if line[-1] != "-" and ("@" in line or len(line) < 4 or CLOCK_END.search(line[-14:])):
        return line
    return line if VERB.search(line) or VERB_ENDS.match(line) else ""


def _inner_end(line: str) -> str:
    """Return a line up to the colon of an introduction, behind which the old mail's own words go on."""
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


def _rate(text: str) -> int:
    """Return how surely a text introduces a quote; 0 for not at all."""
    text = text.rstrip(" *")
    verbs = list(VERB.finditer(text))
    if text.endswith("--"):
        return COMPLETE if text.startswith("--") and verbs else 0
    if not text.endswith((":", "：")):
        return 0
    address, moment = ADDRESS.search(text), DATE.search(text) and TIME.search(text)
    opened = OPENED.match(text) and ((verbs and (moment or address)) or (address and moment))
    dated = DATED.match(text) and (address or (verbs and moment))
    if opened or dated or (verbs and IN_MESSAGE.match(text)):
        return COMPLETE
    if any(verb.start() <= 200 and len(text) - verb.end() <= 160 for verb in verbs):
        return SURE if address or moment else UNSURE
    return 0


def _is_whole(text: str) -> bool:
    """Tell whether "Dana <dana@example.com> wrote:" begins with the name, not inside what was wrapped."""
    opening, closing = text.find("<"), text.find(">")
    return 0 < opening < closing and not text.startswith("mailto:")


def _ends_a_sentence(line: str) -> bool:
    return len(line) > 40 and line.endswith((".", "!", "?")) and not line[-2].isdigit()


def _bare_date(lines: list[str], number: int) -> tuple[int, bool]:
    """Take along the line into which the address was wrapped."""
    line = lines[number].rstrip()
    if line.endswith("<") and number + 1 < len(lines):
        return number + 2, True
    return number + 1, True
