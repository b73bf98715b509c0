"""Recognise what follows a text without being part of it: signatures, "Sent from my iPhone", rules."""

import re

SIGNATURE_LINES = 15
SIGNATURE_CHARACTERS = 1_000
NAME_CHARACTERS = 100  # a longer line below a rule of dashes is text, not a name

DELIMITER = re.compile(r"^(?:-- ?|—|––)\s*$")
RULE = re.compile(r"^[\s*_=~#+\-–—.ᐧ•]*$")
_DEVICE = (
    r"(?:i ?phone|i ?pad|i ?pod|i ?os|android|phone|mobile|mobil\w*|smartphone|handy|galaxy|samsung"
    r"|blackberry|outlook|hotmail"
    r"|mail\b|gmail|yahoo|windows|htc|cell\b|device|tablet|sparrow|airmail|mailbox|huawei|xiaomi|nokia"
    r"|pixel|spark|protonmail"
    r"|proton|aol|thunderbird|k-9|fairemail|appareil|téléphone|mobiltelefon|mobilgerät|telefon\w*|telefoon"
    r"|móvil|dispositivo"
    r"|celular|nine|zimbra|nokia|lumia|surface|web\.de|gmx|orange|bluemail|boxer|superhuman|canary)"
)
DEVICE_LINE = re.compile(
    rf"""^[\s(<«"*_]*(?:
        (?:sent|send)\s+(?:from|via|with|by|using|on)\s+(?:my|a|the)\s+(?:[^\s,.]+\s){{0,2}}?{_DEVICE}.{{0,70}}
        |(?:sent|send)\s+from\s+my\s+[^\s,.]+(?:\s[^\s,.]+)?
        |(?:sent|send)\s+(?:from|via|with|by|using)\s+\[?{_DEVICE}.{{0,120}}
        |from\s+my\s+{_DEVICE}.{{0,40}}
        |get\s+\[?\w+\s+for\s+(?:ios|android|mac|iphone|ipad|windows|desktop)\b.{{0,120}}
        |(?:envoyé|envoyée)\s+(?:depuis|de|à\s+partir\s+d[eu'’]|avec|par)\b.{{0,30}}{_DEVICE}.{{0,100}}
        |(?:télécharge[rz]|obtenir|obtenez)\s+outlook\s+pour\b.{{0,100}}
        |von\s+meinem\b.{{0,60}}\bgesendet.{{0,40}}
        |(?:gesendet|geschickt)\s+(?:von|mit|über|aus)\b.{{0,30}}{_DEVICE}.{{0,80}}
        |diese\s+nachricht\s+wurde\s+von\s+mein.{{0,60}}gesendet\.?
        |(?:outlook\s+für|holen\s+sie\s+sich\s+outlook).{{0,80}}
        |(?:enviado|enviada)\s+(?:desde|do|da|de|pelo|via|com|con)\b.{{0,20}}{_DEVICE}.{{0,80}}
        |(?:inviato|inviata)\s+(?:da|dal|con|tramite)\b.{{0,20}}{_DEVICE}.{{0,80}}
        |(?:verzonden|verstuurd)\s+(?:met|vanaf|van|via|vanuit)\b.{{0,20}}{_DEVICE}.{{0,80}}
        |sendt\s+fra\b.{{0,20}}{_DEVICE}.{{0,60}}
        |skickat\s+från\b.{{0,20}}{_DEVICE}.{{0,60}}
        |lähetetty\b.{{0,60}}
        |wysłan[eo]\s+z\b.{{0,60}}
        |odesláno\s+z\b.{{0,60}}
        |отправлено\s+(?:с|из)\b.{{0,80}}
        |{_DEVICE}.{{0,20}}(?:gönderildi|から送信)
        |從我的.{{0,40}}傳送|从我的.{{0,40}}发送|发自我的.{{0,40}}
        |나의.{{0,30}}에서\s+보냄
        |yahoo\s+mail\s?:.{{3,70}}
        |provenance\s?:\s?(?:courrier|mail|outlook)\b.{{0,60}}
        |(?:enviat|enviada)\s+(?:des\s+de|des\s+del|amb)\b.{{0,20}}{_DEVICE}.{{0,80}}
        |(?:get|obtenir|obtenez|télécharge[rz]|obtener|ottieni|obter|download|installe[rz])\s+\[?[\w ]{{3,25}}
            \s(?:for|pour|para|per|für|voor)\s(?:ios|android|mac|iphone|ipad|windows|desktop)\b.{{0,120}}
    )[\s)>»"*_.!]*$""",
    re.VERBOSE | re.IGNORECASE,
)


# Devices of any make have a capital letter or digit ("de mon Redmi Note 9", but not "de mon bureau").
MY_DEVICE = re.compile(
    r"""[\s(<«"*_]*(?:
        sent\sfrom\smy\s
        |envoyée?\s(?:de|depuis|avec|via|par|à\spartir\sde)\s(?:mon|ma|notre|un|une)\s
        |(?:enviado|enviada)\s(?:desde|do|da|de|a\spartir\sdo|a\spartir\sda|con|com)\s(?:mi|meu|minha|o\smeu|a\sminha)\s
        |enviat\s(?:des\sdel|des\sde\sla|amb\sel)\s(?:meu|meva)\s
        |(?:inviato|inviata)\s(?:dal|dalla|con\sil|tramite\sil)\s(?:mio|mia)\s
        |(?:verzonden|verstuurd|gestuurd)\s(?:met|vanaf|van|via|vanuit)\s(?:mijn|een)\s
        |(?:gesendet|geschickt|versendet)\s(?:von|mit|über|aus)\s(?:meinem|meiner|einem)\s
        |(?:skickat|sänt)\sfrån\s(?:min|mitt)\s
        |sendt\sfra\s(?:min|mit|mitt)\s
        |trimis\s(?:de\spe|cu)\s
        |(?:wysłan[eoy]|wysłano)\sz\s(?:mojego|mojej)\s
    )(?P<device>[^\s.!?,;:]+(?:\s[^\s.!?,;:]+){0,4})[\s)>»"*_.]*""",
    re.VERBOSE | re.IGNORECASE,
)


FOOTER = re.compile(
    r"_{20,}|-{20,}|--\s?|you received this message because you are subscribed to the google groups.*",
    re.IGNORECASE,
)
LIST_WORDS = re.compile(r"mailing list\b|google groups|/listinfo/|list-manager", re.IGNORECASE)
FOOTER_LINES = 8


def strip_signature(lines: list[str]) -> list[str]:
    """Return the lines without the signature, device line, rule or mailing-list footer at their end."""
    return _strip_tail(_cut_at_delimiter(_strip_tail(_cut_at_list_footer(lines))))


def is_signature(lines: list[str]) -> bool:
    """Return whether the lines are nothing but a signature or rules."""
    filled = [line for line in lines if line.strip()]
    if filled and DELIMITER.match(filled[0]):
        return _is_short(filled)
    return all(RULE.match(line) or _is_device(line) for line in filled)


def _cut_at_delimiter(lines: list[str]) -> list[str]:
    """Cut at the first "-- " line with at most a signature below it; anything longer is text below a rule."""
    for number in range(max(len(lines) - SIGNATURE_LINES - 1, 0), len(lines)):
        if (
            DELIMITER.match(lines[number])
            and _is_short(lines[number:])
            and not _is_text_below_rule(lines[number:])
            and any(line.strip() for line in lines[:number])
        ):
            return lines[:number]
    return lines


def _is_text_below_rule(lines: list[str]) -> bool:
    """Return whether dashes separate two texts: they are followed by a long line instead of a name.

    "-- " with its space always begins a signature, because mail programs write it.
    """
    first = next((line for line in lines[1:] if line.strip()), "")
    return lines[0] != "-- " and len(first) > NAME_CHARACTERS


def _cut_at_list_footer(lines: list[str]) -> list[str]:
    """Cut the footer that a mailing list adds to every mail."""
    for number in range(max(len(lines) - FOOTER_LINES, 0), len(lines)):
        if FOOTER.fullmatch(lines[number].strip()) and LIST_WORDS.search(
            " ".join(lines[number : number + 2])
        ):
            return lines[:number]
    return lines


def _strip_tail(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or RULE.match(lines[end - 1]) or _is_device(lines[end - 1])):
        end -= 1
    return lines[:end]


def _is_device(line: str) -> bool:
    if not 5 < len(line) < 200:
        return False
    mine = MY_DEVICE.fullmatch(line)
    return bool(DEVICE_LINE.match(line)) or bool(mine and re.search(r"[A-Z\d]", mine["device"]))


def _is_short(lines: list[str]) -> bool:
    return len(lines) <= SIGNATURE_LINES + 1 and sum(map(len, lines)) <= SIGNATURE_CHARACTERS
