"""Recognise the header that mail programs copy above the old mail ("From: … Sent: …"), and its title line."""

import re

from tickets.channels.email.reading.wordlist import split_phrases

HEADER_LINES = 14
LINES_BETWEEN = 3  # lines without a label between two fields, as in a long list of recipients

_LABELS = {
    "from": """
        from  de  von  da  van  från  fra  od  от  отправитель  від  lähettäjä  kimden  gönderen  από
        发件人  發件人  寄件者  寄件人  差出人  送信者
        보낸 사람  보낸사람  feladó  expéditeur  absender  remitente
        remetente  mittente  afzender  de la  מאת  من  from name  nadawca  afsender  odosielateľ  odesílatel
        от кого  frá  şuradan  ज़रिए
        """,
    "sent": """
        sent  envoyé  envoyé le  envoye  envoye le  gesendet  gesendet am  enviado  enviado el  enviado em
        enviada em  enviada  enviat  enviat el  inviato  inviato il  inviata  verzonden  verzonden op  skickat
        sendt  wysłano  data wysłania  envoyée  envoyée le  sent on  nosūtīts  išsiųsta
        poslano  poslané  saadetud  sendt den
    wysłane  отправлено  надіслано  lähetetty  gönderildi
        gönderilme tarihi  αποστολή  στάλθηκε  发送时间  發送時間  寄件日期  送信日時  보낸 날짜  elküldve
        odesláno  odoslané  trimis  נשלח  sent at  date sent
        """,
    "date": """
        date  datum  data  fecha  fecha y hora  data i godzina  data e ora  date et heure  dato  дата
        päivämäärä  päiväys  tarih  ημερομηνία  日期  日付  日時
        dátum  날짜  תאריך  التاريخ
        """,
    "to": """
        to  à  a  an  para  per  per a  aan  naar  till  pour  dest  til  do  кому  vastaanottaja  kime
        alıcı  προς  收件人  宛先
        받는 사람  받는사람  címzett  komu  către  אל  إلى  destinataire  empfänger  destinatario
        destinatário  destinatari  destinataires  empfänger/in  odbiorca  modtager  mottagare  ontvanger
        收信人  收件者  宛て先  vastaanottajat  príjemca  příjemce
        """,
    "cc": """
        cc  copie  copie à  copie a  copie carbone  còpia  con copia  dw  in kopie  kopie an  kopie  copia
        cópia  kopia  копия  kopi  抄送  副本  参照  참조  másolat  cci
        bcc  kopio
        """,
    "subject": """
        subject  objet  sujet  betreff  asunto  assunto  assumpte  tema
        oggetto  onderwerp  titre  temats  titel  efni  teema  naslov  zadeva  ämne  emne  temat  тема  aihe
        konu  θέμα  主题  主題  主旨  件名  제목  tárgy  předmět  predmet  subiect  נושא  الموضوع
        """,
    "other": """
        reply-to  répondre à  antwort an  responder a  rispondi a  risposta  importance  priority
        attachments  pièces jointes  anlagen  on behalf of  organization  reply to  sensitivity
        message-id  resent-from  list-id
        """,
}
LABELS = {label: kind for kind, labels in _LABELS.items() for label in split_phrases(labels)}
LABEL_CHARACTERS = 40
RULES = "*_-=~ "

_TITLES = r"""
    original message  original e-?mail  original-?nachricht  ursprüngliche (?:nachricht|mail|e-mail)
    originale?-?mail
    (?:message|courriel|courrier|mail|e-mail|texte) (?:d['’])?\s?(?:origine|original|initial)
    message (?:précédent|source|initial)  missatge (?:original|reenviat)
    (?:mensaje|correo) (?:original|inicial)
    mensagem (?:original|inicial|reencaminhada)  messaggio (?:originale|originario)
    (?:oorspronkelijk|origineel|oorspronkelijke|originele) (?:bericht|e-?mail|mail)
    oryginalna wiadomość  przekazana wiadomość  wiadomość (?:oryginalna|przekazana)
    הודעה מקורית  הודעה שהועברה  الرسالة الأصلية  رسالة أصلية  αρχικό μήνυμα  oorspronkelijk
    oprindelig (?:meddelelse|besked|mail)
    ursprungligt meddelande  originalmeddelande  opprinnelig melding  исходное сообщение
    пересылаемое сообщение  původní zpráva
    pôvodná správa  wiadomość oryginalna  orijinal (?:mesaj|ileti)
    alkuperäinen viesti  eredeti üzenet  mesaj original  原始邮件  原始郵件  元のメッセージ  원본 메일
    원본 메시지  forwarded (?:message|mail|e-mail|by)  weitergeleitete (?:nachricht|mail)
    (?:message|courriel|mail|e-mail) (?:transféré|réexpédié|transmis)  mensaje reenviado
    mensagem encaminhada  messaggio inoltrato
    doorgestuurd bericht  vidarebefordrat (?:meddelande|brev)  videresendt (?:melding|besked|meddelelse)
    reply message  original appointment  wiadomość przekazana
    přeposlaná zpráva  пересланное сообщение  转发邮件  转发的邮件
"""
TITLE = re.compile(rf"(?:{'|'.join(split_phrases(_TITLES))})\b", re.IGNORECASE)
_BEGINNINGS = r"""
    début du (?:message|courriel|mail) (?:transféré|réexpédié|d['’]origine)  inici del missatge reenviat
    begin forwarded message  début du message (?:transféré|réexpédié)
    anfang der weitergeleiteten (?:nachricht|e-mail|mail)  inicio del mensaje reenviado
    inizio (?:del )?messaggio inoltrato  início da mensagem (?:encaminhada|reencaminhada)
    begin doorgestuurd bericht  vidarebefordrat brev  videresendt besked
    начало переадресованного сообщения  开始转发的邮件  转发的邮件  下記は転送されたメッセージです
"""
BEGINNING = re.compile(rf"(?:{'|'.join(split_phrases(_BEGINNINGS))})\s?[:：]?", re.IGNORECASE)


# Orange and La Poste write a line with the date above the header.
DATED_TITLE = re.compile(
    r"^[\s>*]*(?:message|mail|courriel|e-mail|nachricht|messaggio|mensaje|mensagem|missatge|bericht"
    r"|wiadomość|courrier)\s(?:du|of|from|vom|del?|van|z|z dnia|do dia|de|el)\s"
    r".{0,30}\d[\d :./,hH-]{5,30}.{0,20}$",
    re.IGNORECASE,
)
MOMENT = re.compile(
    r"(?<!\d)\d{1,2}\s?[:.hH時点시]\s?\d{2}(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}"
)


def read_label(line: str) -> str:
    """Return the kind of header field that a line is ("from", "sent" …), or ""."""
    head = line[:LABEL_CHARACTERS].lstrip(" \t*_|>").replace("：", ":")
    label, colon, _ = head.partition(":")
    return LABELS.get(label.strip(" \t*_").lower(), "") if colon else ""


def is_title(line: str) -> bool:
    """Return whether a line is the title of an old mail, such as "-----Original Message-----"."""
    if len(line) > 1_000:
        return False
    marks = line.lstrip(" \t>*")
    words = marks.strip(" \t*-_=#")
    if marks[:2] in ("--", "__", "==", "##") or line.lstrip(" \t>")[:2] == "**":
        if not (title := TITLE.match(words)):
            return False
        return len(words) < 120 or bool(read_label(words[title.end() :].lstrip(" \t*-_=#")))
    return len(line) <= 200 and bool(BEGINNING.fullmatch(words))


def find_header_end(lines: list[str], start: int, *, is_reply: bool = True) -> int:
    """Return the number of the line after a copied header that begins at `start`, or -1.

    A customer may write "From: Paris / To: London / Date: 3 May" or "From: the wrong warehouse / Sent: last
    Friday". So a header needs a sender, and a word that only mail programs write ("Sent", "Gesendet"), an
    address or a subject; and besides an address, a moment, a rule or title above it, or all four fields with
    empty lines around them. In a mail that is not a reply, such as a form's, only a complete header as
    Outlook writes it counts, or one below a rule or title.
    """
    if not read_label(lines[start]):
        return -1
    labels: dict[str, str] = {}
    end = start
    for number in range(start, min(start + HEADER_LINES, len(lines))):
        line = lines[number]
        kind = read_label(line)
        if kind and (kind not in labels or kind in ("other", "cc")):
            labels[kind] = line
            end = number + 1
        elif (
            kind
            or number - end >= LINES_BETWEEN
            or (labels.keys() >= {"from", "subject"} and _is_empty(line))
        ):
            break
    if not _is_header(labels, framed=_is_framed(lines, start, end)):
        return -1
    is_complete = _looks_like_header(labels, lines, start, end, is_reply=is_reply)
    return end if is_complete or _is_announced(lines, start) else -1


def _looks_like_header(
    labels: dict[str, str], lines: list[str], start: int, end: int, *, is_reply: bool
) -> bool:
    """Return whether a program wrote the fields, by their values and the empty lines around them."""
    if not _is_written_by_a_program(labels):
        return False
    above = start == 0 or _is_empty(lines[start - 1])
    below = end >= len(lines) or _is_empty(lines[end])
    whole = "subject" in labels and "to" in labels and bool(labels.keys() & {"sent", "date"})
    if not is_reply:
        return above and below and whole and "sent" in labels and "@" in labels["from"]
    return (above and below) or (whole and (above or below))


def _is_written_by_a_program(labels: dict[str, str]) -> bool:
    """Return whether the fields have values that people do not write themselves: an address or a moment."""
    if any("@" in labels.get(kind, "") for kind in ("from", "to")):
        return True
    moment = any(MOMENT.search(labels.get(kind, "")) for kind in ("sent", "date"))
    return moment or ({"from", "to", "subject"} <= labels.keys() and "sent" in labels)


def _is_announced(lines: list[str], start: int) -> bool:
    """Return whether there is a rule, a title or a dated title above the header."""
    for number in range(start - 1, max(start - 4, -1), -1):
        line = lines[number].strip()
        if line:
            return (
                is_title(line) or bool(DATED_TITLE.match(line)) or (len(line) > 4 and not line.strip(RULES))
            )
    return False


def is_dated_title(lines: list[str], number: int) -> bool:
    """Return whether a line is a dated title ("Message du 03/05/21 09:00") with a header below it."""
    if not DATED_TITLE.match(lines[number]):
        return False
    following = next((line for line in lines[number + 1 : number + 3] if line.strip()), "")
    return bool(read_label(following))


def _is_header(labels: dict[str, str], *, framed: bool) -> bool:
    kinds = labels.keys() - {"other"}
    speaks_of_mail = "sent" in kinds or "@" in labels.get("from", "")
    needed = 2 if kinds & {"sent", "subject"} else 3
    return "from" in kinds and len(kinds) >= needed and (speaks_of_mail or ("subject" in kinds and framed))


def _is_framed(lines: list[str], start: int, end: int) -> bool:
    return (start == 0 or _is_empty(lines[start - 1])) and (end >= len(lines) or _is_empty(lines[end]))


def _is_empty(line: str) -> bool:
    """Return whether a line is empty, or has only the characters of rules and quote marks."""
    return not line.strip(" \t\xa0>*_|-=")
