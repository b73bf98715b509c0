"""The subjects, names and phrases of automatic mails, in many languages.

Customers of a shop write "Delivery problem" and "not delivered" about parcels too. So there are two kinds of
subjects and names: sure ones are about mail, and need any phrase of a report with them; vague ones need a
phrase that only mail servers write: a status code, a returned mail, "user unknown".
"""

import re

from tickets.channels.email.reading.wordlist import split_phrases


def _compile_any(patterns: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    """Compile one expression that matches any of the patterns, which are separated as in `split_phrases`."""
    alternatives = "|".join(split_phrases(patterns))
    return re.compile(f"{before}(?:{alternatives}){after}", re.IGNORECASE)


SENDERS = _compile_any(
    r"""
    mailer[-_.]?d(?:a|ae)?emon  mail[-_.]?d(?:a|ae)?emon  m(?:ailer)?-daemon  double-bounce  mdaemon
    mail[-_.]?deliver[a-z-]*  deliveryreports?  mail-?system  majordomo  smtp-?gateway  mail-?gateway
    microsoftexchange[0-9a-f]+  autoreply  auto-reply  autoresponder  auto-responder  undeliver[a-z]*
    delivery[-_.]?(?:status|failure|report)[a-z]*
    """,
    before=r'^"?',
    after=r'(?:[+=._\\-].*)?"?$',
)
# People may use these addresses too, so that the words of a report are needed as well.
MACHINE_ADDRESSES = _compile_any(
    r"""
    bounces?  nobody  post_?master  mailmaster  system administrator  mail-?admin  daemon  mta
    [a-z0-9_-]*smtp[a-z0-9_-]*  noc  no[-_.]?reply  do[-_.]?not[-_.]?reply  hostmaster  uucp
    """,
    before=r'^"?',
    after=r'(?:[+=._\\-].*)?"?$',
)
POSTMASTERS = _compile_any(
    "post_?master  mailmaster  daemon  mta", before=r'^"?', after=r'(?:[+=._\\-].*)?"?$'
)
SURE_NAMES = _compile_any(
    r"""
    mail deliver[a-z]* (?:sub)?system  mailer[- ]?daemon  mail delivery (?:service|agent)
    internet mail delivery  mail transport agent  mail router  microsoft exchange
    delivery (?:subsystem|notification|agent)  courier mail server  e-?mail (?:gateway|router)  interscan
    mailfoundry  system attendant  système de (?:messagerie|distribution)
    """,
    before=r"(?<![^\W_])",
)
VAGUE_NAMES = _compile_any(
    r"""
    (?:mail )?system administrator  mail administrator  post ?office  mail (?:server|service|filter)
    anti-?virus  content filter  postmaster  administrateur(?: du)? système  systemadministrator  no-?reply
    do-?not-?reply  sysadmin
    """,
    before=r"(?<![^\W_])",
)
PERSONS_PROGRAMS = _compile_any(
    r"""
    thunderbird  mozilla  apple mail  iphone mail  ipad mail  outlook  roundcube  zimbra  evolution  k-9
    mailbird  airmail  yahoomailwebservice  webmail  kmail  mutt  claws  the bat  fairemail  open-xchange
    horde  squirrelmail  em client  postbox  sparrow  protonmail  icedove  seamonkey  foxmail  nextcloud
    """
)
# Anchored, because "Fwd: Undelivered Mail" comes from a person who asks about one.
_LABEL = r"(?:warning|automatic(?:ally)?|error|system|important|notice|\[[^\]]{1,20}\])[\s:!*-]{1,4}"
_START = rf"^\W{{0,4}}(?:{_LABEL}){{0,2}}"
SURE_SUBJECT = _compile_any(
    r"""
    undeliver(?:able|ed)(?: (?:e-?)?mail| message|:| to sender)  undeliverable$
    non[- ]?delivery(?::| (?:report|notif))  nondeliverable mail  returned (?:e-?)?mail
    mail returned  e-?mail returned
    mail delivery (?:fail|system|subsystem|status|error|problem|warning|delay|notif)  mail system error
    mail (?:could not be|not) delivered  mail failed  mail (?:delivery|sending)\s  failed mail
    mail failure  e-?mail (?:delivery|could not be|error|not delivered|rejected|undeliver)
    automatically rejected mail
    message (?:you sent|from mail|delivery (?:fail|status|has|delay|notif)|undeliver|blocked)
    message could not be delivered
    delivery (?:status|failure) notif  delivery notification:
    failure notice  failure delivery  (?:ndn|ndr|dsn)\b  bounced?(?::| (?:e-?)?mail| message)
    (?:could not|couldn't|cannot|can't) send (?:message|mail)  permanent delivery  user unknown
    considered unsolicited  processing error  complaint about message  non remis
    message non (?:distribu|remis|délivr)  avis de non[- ]remise  échec de la remise
    notification d['’]état de (?:remise|distribution)  notification d['’]échec de (?:remise|distribution)
    impossible de (?:remettre|distribuer) (?:le|votre) message  unzustellbar  mail-zustell
    e-?mail (?:konnte|nicht)  nachricht (?:konnte|nicht)  benachrichtigung zum übermittlungs
    no se (?:puede|pudo|ha podido) entregar  notificación de (?:estado de )?entrega
    correo (?:devuelto|no entregado)  mensaje no entregado  falha na entrega (?:da|de) mensagem
    não foi possível entregar  mensagem não entregue  mancato recapito  non recapitat  non recapitabile
    impossibile (?:recapitare|consegnare)  notifica (?:di|sullo) stato  onbestelbaar  niet-bezorgd  olever
    kan (?:inte|ikke) levere  kunne ikke levere  toimittaminen  niedostarczon  nedoručiteln  недоставлен
    сообщение не доставлено  не удалось доставить  kézbesíthetetlen  teslim edilemedi  配信不能
    配信エラー  送信できません  エラーメール  メール配信に失敗  メッセージを配信できません  退信  系统退信
    邮件无法投递  投递失败  반송  전송 ?실패
    """,
    before=_START,
)
VAGUE_SUBJECT = _compile_any(
    r"""
    undeliver  not? deliver  un-?delivered  mail  e-?mail  message  delivery  delayed  failure  failed
    unable to  could not  cannot  rejected  unknown (?:user|recipient|address)  no such user
    address (?:error|unknown|not found)  virus  problem  returned  temporary  there was an error
    not member  error  blocked  spam  notification  non distribu  échec  message non  retour  avis  nicht
    zustell  fehler  no entregado  devolu  error de  falha  não  consegna  niet  ikke  nie dost
    не доставлен  ошибка  配信  配送  无法
    """,
    before=_START,
)
SUBJECT_END = re.compile(
    r"\((?:delivery failed|undeliverable|non remis|delivery failure)\)\s*$|: (?:undeliverable|non remis)\s*$",
    re.IGNORECASE,
)
REPORT_TEXT = _compile_any(
    r"""
    (?:could|can|has|was|have|were|is|are|will|did)\s*(?:not|n['’]t)\s+(?:deliver|sent|reach|accept|found)
    (?:could|can|has|was|have|were|will)\s*(?:not|n['’]t)\s+be(?:en)?\s+(?:deliver|sent|transfer|reach|accept)
    undeliver  invalid (?:final )?delivery  non[- ]delivery report
    delivery (?:has )?(?:fail|error|problem|status|attempt)  failed to deliver
    returned to sender  failed recipient  permanent (?:fatal )?(?:error|failure)
    (?:unable|cannot|can't|couldn't) (?:to )?(?:be )?(?:deliver|send)
    unknown (?:user|recipient|address|local|account|mailbox)  user unknown
    no such (?:user|person|recipient|address)
    mailbox (?:is |was )?(?:full|unavailable|not found|disabled|inactive)
    following (?:address|recipient|destination|user)  quota  \b[45]\d\d[ -]#?[45]\.\d\.\d  reject
    reason for  qmail-send  mailer-daemon  non[- ]?deliver  address(?:es)? failed  smtp  postponed
    not (?:yet )?been delivered  full mailbox  returned because  error  n['’]a pas pu [eê]tre  échec
    nicht zugestellt  nicht zustellbar  konnte nicht  no (?:se )?pudo  non è stato  配信  送信できません
    退信  не удалось  не может быть  não (?:foi|pôde)  inválid  no existe  rcpt to:  reason:
    """
)
SERVER_TEXT = _compile_any(
    r"""
    (?<![\d.])[45]\.\d{1,2}\.\d{1,2}(?![\d.])
    (?:^|[\s:>(])(?:4[25]\d|55\d|53\d)[ -](?:\S+\s){0,3}?[#<]?[45]\.\d  rcpt to:  qmail-send
    mailer-daemon  \bsmtp\b  user unknown  unknown (?:user|recipient|local|mailbox)
    no such (?:user|mailbox|recipient)  mailbox (?:is |was )?(?:full|unavailable|not found|disabled)
    over ?quota  quota exceeded  following recipients?(?:\(s\))?\b  failed recipients?  recipient address
    undeliverable (?:mail|message)  transcript of session  full mailbox  host unknown
    not listed in (?:domino|public)  unknown host
    relaying denied  message (?:log|header) follows
    ^[\s>*|=_-]*-{2,}.{0,40}\b(?:unsent|returned|undelivered) (?:mail|message)\b
    """
)
VACATION_SUBJECT = _compile_any(
    r"""
    auto(?:matic|mated|matisk|matische|matische)?[\s_-]?(?:re(?:ply|sponse)|antwort|svar|réponse)\b
    auto\s?:\s  message automatique  (?:avis|notification) d['’]absence  autosvar
    out[\s_-]?of[\s_-]?(?:the[\s_-]?)?office  away from (?:the |my )?office
    vacation (?:message|reply|response|auto)  réponse automatique  absence du bureau|absent\w* du bureau
    message d['’]absence  réponse d['’]absence  automatische (?:antwort|abwesenheit)
    abwesenheits(?:notiz|nachricht|meldung|agent|info)  abwesenheit\s*[:\-]  respuesta automática
    fuera de (?:la )?oficina  resposta automática  fora do escritório  risposta automatica  fuori sede
    automatisch antwoord  afwezig(?:heid)?\s*[:\-]  automatiskt? svar  frånvaro\s*:  fravær\s*:
    automaattinen vastaus  autoodpowied  automatyczna odpowied  автоответ  автоматический ответ
    自动(?:回复|答复)  自動(?:回覆|返信|応答)  자동\s?(?:회신|응답)
    """,
    before=r"^\W{0,3}",
)
# As programs write it: the whole subject, or the part before a colon or dash and the original subject.
ABSENCE_SUBJECT = re.compile(
    rf"(?:{VACATION_SUBJECT.pattern})[^:：\-–—]{{0,25}}?\s*(?:$|[:：\-–—]|\(|\[|re\b)", re.IGNORECASE
)
# The same without what machines begin other mails with ("Auto: disk full"), and nothing between.
ABSENCE_WORDS = re.compile(
    rf"(?!\W{{0,3}}auto\s?:)(?:{VACATION_SUBJECT.pattern})\s*(?:$|[:：\-–—])", re.IGNORECASE
)
# Requests, which only people make: no automatic notice asks for something.
ASKED = re.compile(
    r"[?？]|please (?:help|advise|check|fix|enable|activate|switch|turn|look|send|tell|explain)"
    r"|can(?:not|'t|’t) (?:you|switch|turn|set|find|make|use)|could you|would you"
    r"|does(?: not|n['’]t) work|not working"
    r"|pouvez[- ]vous (?!contacter|joindre|vous adresser|appeler)|pourriez[- ]vous|ne (?:marche|fonctionne)"
    r"|merci de (?:m['’]|me |nous )|aidez|können sie (?:mir|bitte|das)|könnten sie|funktioniert nicht"
    r"|podría|puede ayud|no funciona|non funziona|não funciona|werkt niet|nie działa",
    re.IGNORECASE,
)
# What a person away writes about all the same: their own order, and what is to be done with it.
MATTER_OF_OURS = re.compile(
    r"\b(?:my|our|this|the|ma|mon|mes|notre|nos|cette|ce|la|le|les|meine?|unsere?|diese|die|das)"
    r" (?:\w+ )?(?:order|parcel|delivery"
    r"|invoice|refund|payment|contract|account|subscription|request|lamp|commande|colis|livraison|facture|remboursement"
    r"|contrat|compte|abonnement|demande|lampe|bestellung|paket|lieferung|rechnung|vertrag|konto)"
    r"|\b(?:please|kindly) (?:deliver|cancel|change|refund|ship|hold|keep|stop|call me|leave|bring)"
    r"|(?:merci de|veuillez|prière de) (?:livrer|annuler|changer|modifier|rembourser|garder|déposer"
    r"|m['’]appeler)"
    r"|\b(?:livrez|annulez|changez|déposez|gardez|appelez-moi)\b"
    r"|\bbitte (?:liefern|stornieren|ändern|behalten|rufen)",
    re.IGNORECASE,
)
DELAY_SUBJECT = _compile_any(
    r"""
    (?:warning[: -]+)?message \S{6,40} delayed
    warning[: -]+(?:could not send message|message still undelivered)
    delayed mail\b  (?:mail |message )?delivery (?:has been |is |was )?delayed  delivery delayed\s*:
    (?:mail )?delivery status notification \(delay\)  delay notification
    (?:remise|distribution) (?:différée|retardée)  retard de (?:remise|distribution)  zustellung verzögert
    verzögerte zustellung  entrega (?:retrasada|demorada)  consegna ritardata
    """,
    before=r"^\W{0,4}",
)
VACATION_TEXT = _compile_any(
    r"""
    out of (?:the )?office  on (?:vacation|holiday|leave|annual leave)  (?:am|be) away  be back
    upon my return  limited access to (?:my )?e-?mail
    (?:automatic|automated)(?:ally)? (?:reply|response|message|answer|generated|e-?mail)
    je suis (?:actuellement |en ce moment )?absent  serai absent  de retour  en congé
    (?:réponse|message) automatique  absente? (?:du|jusqu)  j['’]ai bien reçu votre
    bin (?:derzeit |zur ?zeit )?(?:nicht|abwesend|im urlaub|außer)  abwesend
    automatisch(?:e|en)? (?:antwort|nachricht|generiert|erstellt|versandt)
    estaré? (?:fuera|ausente)  de vacaciones  estou (?:ausente|de férias)  sono (?:assente|fuori)  afwezig
    auto-?repl  not be (?:able|available|checking)  received your (?:e-?mail|message)  do not reply
    """
)
