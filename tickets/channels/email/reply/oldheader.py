"""The header that mail programs copy above the old mail ("From: … Sent: … To: …") and its dashed title."""

import re

from tickets.channels.email.reading.wordlist import phrases

HEADER_LINES = 14
LINES_BETWEEN = 3  # without a label, as in a long list of recipients

_LABELS = {
    "from": """
        from  de  von  da  van  från  fra  od  от  отправитель  від  lähettäjä  kimden  gönderen  από
        发件人  發件人  寄件者  差出人  보낸 사람  보낸사람  feladó  expéditeur  absender  remitente
        remetente  mittente  afzender  de la  מאת  من  from name
        """,
    "sent": """
        sent  envoyé  envoyé le  envoye  gesendet  enviado  enviado el  enviado em  enviada em  enviada
    inviato  verzonden  skickat  sendt  wysłano
    wysłane  отправлено  надіслано  lähetetty  gönderildi
        gönderilme tarihi  αποστολή  στάλθηκε  发送时间  發送時間  寄件日期  送信日時  보낸 날짜  elküldve
        odesláno  odoslané  trimis  נשלח  sent at  date sent
        """,
    "date": """
        date  datum  data  fecha  dato  дата  päivämäärä  päiväys  tarih  ημερομηνία  日期  日付  日時
        dátum  날짜  תאריך  التاريخ
        """,
    "to": """
        to  à  a  an  para  aan  till  til  do  кому  vastaanottaja  kime  alıcı  προς  收件人  宛先
        받는 사람  받는사람  címzett  komu  către  אל  إلى  destinataire  empfänger  destinatario
        destinatário
        """,
    "cc": """
        cc  copie  copie à  kopie  copia  cópia  kopia  копия  kopi  抄送  副本  参照  참조  másolat  cci
        bcc  kopio
        """,
    "subject": """
    subject  objet  sujet  betreff  asunto  assunto
    oggetto  onderwerp  ämne  emne  temat  тема  aihe
        konu  θέμα  主题  主題  主旨  件名  제목  tárgy  předmět  predmet  subiect  נושא  الموضوع
        """,
    "other": """
        reply-to  répondre à  antwort an  responder a  rispondi a  risposta  importance  priority
        attachments  pièces jointes  anlagen  on behalf of  organization  reply to  sensitivity
        message-id  resent-from  list-id
        """,
}
LABELS = {label: kind for kind, labels in _LABELS.items() for label in phrases(labels)}
LABEL_CHARACTERS = 40

_TITLES = r"""
    original message  original e-?mail  originalnachricht  ursprüngliche (?:nachricht|mail|e-mail)
    message d['’]origine  message (?:d['’])?original  message initial  mail original  mensaje original
    mensagem original  messaggio originale  oorspronkelijk bericht  oprindelig (?:meddelelse|besked)
    ursprungligt meddelande  originalmeddelande  opprinnelig melding  исходное сообщение
    пересылаемое сообщение  původní zpráva
    pôvodná správa  wiadomość oryginalna  orijinal (?:mesaj|ileti)
    alkuperäinen viesti  eredeti üzenet  mesaj original  原始邮件  原始郵件  元のメッセージ  원본 메일
    원본 메시지  forwarded (?:message|mail|e-mail|by)  weitergeleitete (?:nachricht|mail)
    message (?:transféré|réexpédié)  mensaje reenviado  mensagem encaminhada  messaggio inoltrato
    doorgestuurd bericht  vidarebefordrat (?:meddelande|brev)  videresendt (?:melding|besked|meddelelse)
    reply message  original appointment  wiadomość przekazana
    přeposlaná zpráva  пересланное сообщение  转发邮件  转发的邮件
"""
TITLE = re.compile(rf"(?:{'|'.join(phrases(_TITLES))})\b", re.IGNORECASE)
_BEGINNINGS = r"""
    begin forwarded message  début du message (?:transféré|réexpédié)
    anfang der weitergeleiteten (?:nachricht|e-mail|mail)  inicio del mensaje reenviado
    inizio (?:del )?messaggio inoltrato  início da mensagem (?:encaminhada|reencaminhada)
    begin doorgestuurd bericht  vidarebefordrat brev  videresendt besked
    начало переадресованного сообщения  开始转发的邮件  转发的邮件  下記は転送されたメッセージです
"""
BEGINNING = re.compile(rf"(?:{'|'.join(phrases(_BEGINNINGS))})\s?[:：]?", re.IGNORECASE)


def label_of(line: str) -> str:
    """Return what kind of header line this is, or ""."""
    head = line[:LABEL_CHARACTERS].lstrip(" \t*_|>").replace("：", ":")
    label, colon, _ = head.partition(":")
    return LABELS.get(label.strip(" \t\xa0*_").lower().replace("\xa0", " "), "") if colon else ""


def is_title(line: str) -> bool:
    """Tell whether a line announces the old mail: "-----Original Message-----"."""
    if len(line) > 200:
        return False
    marks = line.lstrip(" \t>*")
    words = marks.strip(" \t*-_=#")
    if marks[:2] in ("--", "__", "==", "##") or line.lstrip(" \t>")[:2] == "**":
        return bool(TITLE.match(words)) and len(words) < 120
    return bool(BEGINNING.fullmatch(words))


def header_end(lines: list[str], start: int) -> int:
    """Return the line after a copied header that begins at start, or -1.

    "From: Paris / To: London / Date: 3 May" is a traveller, not a header: besides a sender it takes an
    address, a word only mail programs use ("Sent", "Gesendet"), or a subject and empty lines around it.
    """
    if not label_of(lines[start]):
        return -1
    labels: dict[str, str] = {}
    end = start
    for number in range(start, min(start + HEADER_LINES, len(lines))):
        line = lines[number]
        kind = label_of(line)
        if kind and (kind not in labels or kind in ("other", "cc")):
            labels[kind] = line
            end = number + 1
        elif (
            kind
            or number - end >= LINES_BETWEEN
            or (labels.keys() >= {"from", "subject"} and _is_empty(line))
        ):
            break
    return end if _is_header(labels, framed=_is_framed(lines, start, end)) else -1


def _is_header(labels: dict[str, str], *, framed: bool) -> bool:
    kinds = labels.keys() - {"other"}
    speaks_of_mail = "sent" in kinds or "@" in labels.get("from", "")
    needed = 2 if kinds & {"sent", "subject"} else 3
    return "from" in kinds and len(kinds) >= needed and (speaks_of_mail or ("subject" in kinds and framed))


def _is_framed(lines: list[str], start: int, end: int) -> bool:
    return (start == 0 or _is_empty(lines[start - 1])) and (end >= len(lines) or _is_empty(lines[end]))


def _is_empty(line: str) -> bool:
    """Tell whether a line holds nothing, or only what rules and quote marks are made of."""
    return not line.strip(" \t\xa0>*_|-=")
