"""Read an absence notice: the day of return, the last day of absence, or else a sentence to quote."""

import re
from datetime import date

from tickets.channels.email.parsing.notices.notice import QUOTED
from tickets.channels.email.parsing.signs import VACATION_TEXT

MONTHS = {
    1: "january january jan janvier janv januar enero",
    2: "february feb février fevrier févr fevr februar febrero",
    3: "march mar mars märz marzo",
    4: "april apr avril avr abril",
    5: "may mai mayo",
    6: "june jun juin juni junio",
    7: "july jul juillet juil juli julio",
    8: "august aug août aout agosto",
    9: "september sept sep septembre septiembre",
    10: "october oct octobre okt oktober octubre",
    11: "november nov novembre noviembre",
    12: "december dec décembre decembre déc dez dezember diciembre",
}
NUMBER = {name: number for number, names in MONTHS.items() for name in names.split()}
_MONTH = "|".join(sorted(NUMBER, key=len, reverse=True))
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
)
_DAY = (
    rf"(?:(?:on|le|au|the|am|den|dem|el|du|{_WEEKDAY}),?\s+){{0,3}}"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})\b"
    rf"|(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:))"
    r"(?:\.?,?\s+(?:de\s+)?(?P<year>20\d\d)\b)?"
)
BACK = re.compile(
    rf"(?:(?:(?:^|[.!?:;\n]\s*)|\b(?:be|am|is|are|come|coming) )back|\breturn(?:ing)?|\bde retour"
    rf"|\bde vuelta)"
    rf"(?:\s+(?:in|at|to|au|à|im|en)\s+(?:the\s+|my\s+)?(?:office|work|bureau|büro|oficina))?\s+{_DAY}",
    re.IGNORECASE,
)
UNTIL = re.compile(
    rf"(?:\buntil|\btill|\bthrough|jusqu['’]?\s?(?:au|à)?|\bbis(?: zum| einschließlich)?|\bhasta)\s+{_DAY}",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"out[ -]of[ -](?:the[ -]|my )?office"
    r"|\b(?:on|annual|parental|sick|maternity) (?:vacation|holidays?|leave)|vacation"
    r"|\b(?:am|is|be|are) (?:currently |presently )?(?:away|absent|travelling|traveling)"
    r"|\bbe back\b|\bmy return\b"
    r"|\babsente?s?\b|\babsence\b|en congés?|en vacances|de retour|abwesen|im urlaub|nicht im büro|außer haus"
    r"|\bausente|de vacaciones|fuera de (?:la )?oficina|de férias|assente|fuori (?:sede|ufficio)"
    r"|in ferie|afwezig|met vakantie|frånvar|fravær|poza biurem|nieobecn",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"(?:\bnot\b|n['’]t\b|\bpas\b|\bnicht\b|\bno\b|\bnever\b|\bjamais\b)[^.!?]{0,25}$", re.IGNORECASE
)
GREETING = re.compile(
    r"^\W*(?:hello|hi|dear|bonjour|bonsoir|madame|monsieur|guten tag|hallo|sehr geehrte|hola|merci|thank"
    r"|vielen dank|danke|good (?:morning|day|afternoon))\b[^.!?\n]{0,80}[,.!:]?\s*$",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[^.!?\n]{2,}(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?")
SEARCHED = 2_000


def read_absence(text: str) -> tuple[str, str]:
    """Return "back" or "until" (what the day means) and the day; two empty strings if there is any doubt.

    There is doubt if the text has different days, a negation before the day, or an "until" that is not about
    an absence. The day is "YYYY-MM-DD", or "MM-DD" without a year.
    """
    found = {
        (what, day)
        for what, pattern in (("back", BACK), ("until", UNTIL))
        for match in pattern.finditer(text[:SEARCHED])
        for day in (_parse_day(match),)
        if what == "back" or AWAY.search(_sentence_before(text, match.start()))
        if not NEGATED.search(text[max(0, match.start() - 40) : match.start()])
    }
    backs = {day for what, day in found if what == "back"}
    days = backs or {day for _what, day in found}
    if len(days) != 1 or "" in days or len(found) > 2:
        return "", ""
    return ("back" if backs else "until"), days.pop()


def is_absence_notice(subject: str, text: str) -> bool:
    """Tell whether an automatic answer says that somebody is away, not only that a mail was received."""
    return bool(AWAY.search(subject) or AWAY.search(text[:SEARCHED]))


def quote_absence(text: str) -> str:
    """Return the sentence about the absence, else the first that is no greeting, cut to QUOTED characters."""
    beginning = text[:SEARCHED]
    absence = AWAY.search(beginning) or VACATION_TEXT.search(beginning)
    sentences = [(match.start(), match.end(), match[0]) for match in SENTENCE.finditer(beginning)]
    about = [sentence for start, end, sentence in sentences if absence and start <= absence.start() < end]
    others = [sentence for _start, _end, sentence in sentences if not GREETING.match(sentence)]
    chosen = " ".join(next(iter([*about, *others]), "").split())
    return chosen if len(chosen) <= QUOTED else f"{chosen[:QUOTED].rpartition(' ')[0] or chosen[:QUOTED]}…"


def _sentence_before(text: str, place: int) -> str:
    return re.split(r"[.!?\n]", text[max(0, place - 200) : place])[-1]


def _parse_day(match: re.Match[str]) -> str:
    """Return "YYYY-MM-DD", or "MM-DD" without a year; an empty string for a day that does not exist."""
    day = int(match["day"] or match["day2"])
    month = NUMBER[(match["month"] or match["month2"]).lower()]
    year = match["year"]
    try:
        date(int(year or 2024), month, day)
    except ValueError:
        return ""
    return f"{year}-{month:02}-{day:02}" if year else f"{month:02}-{day:02}"
