"""The words of machines, in the languages mail servers and absent people use: subjects, senders, phrases in texts."""

import re


def _any(*patterns: str, prefix: str = "") -> re.Pattern[str]:
    return re.compile(f"{prefix}(?:{'|'.join(patterns)})", re.IGNORECASE)


MACHINES = re.compile(
    r"^\"?(?:mailer[-_.]?d(?:a|ae)?emon|mail[-_.]?d(?:a|ae)?emon|m(?:ailer)?-daemon|double-bounce|mdaemon|mail[-_.]?deliver[a-z-]*"
    r"|mailer|bounces?|nobody|postmaster|post_?office|deliveryreports?|mail-?system|mailmaster|majordom[oa]|system administrator"
    r"|smtp-?gateway|mail-?gateway|microsoftexchange[0-9a-f]+|autoreply|auto-reply|autoresponder|auto-responder"
    r"|auto|mailadmin|mail-?admin|maildelivery|undeliver[a-z]*|delivery[-_.]?(?:status|failure|report)[a-z]*)"
    r"(?:[+=._\\-].*)?\"?$",
    re.IGNORECASE,
)
MACHINE_NAMES = _any(
    "mail delivery (?:sub)?system", "mailer[- ]?daemon", "mail delivery (?:service|agent)", "internet mail delivery",
    "(?:mail )?system administrator", "mail administrator", "mail transport agent", "postmaster", "mail router", "post ?office",
    "microsoft exchange", "delivery (?:subsystem|notification|agent)", "mail server", "e-?mail (?:gateway|router)", "mail service",
    "système de (?:messagerie|distribution)", "administrateur(?: du)? système", "systemadministrator", "virus", "content filter",
    prefix=r"(?<![^\W_])",
)  # fmt: skip
# Anchored: "Fwd: Undelivered Mail" is a person asking about one.
BOUNCE_SUBJECT = _any(
    "undeliver", "non[- ]?deliver", "not? deliver", "un-?delivered", "returned (?:e-?)?mail", "returned to sender", "nondeliverable",
    "mail (?:delivery|returned|system error|failure|error|could not|rejected|delayed|not delivered|blocked)",
    "e-?mail (?:delivery|could not|error|failure|not delivered|returned|rejected|undeliver)",
    "message (?:could not|not delivered|undeliver|you sent|from mail|delivery|rejected|blocked|returned|status)",
    "delivery (?:status|failure|failed|notification|report|error|problem|has failed|delay|unsuccessful|not possible|incomplete|attempt)",
    "failure (?:notice|delivery|report)", "failed (?:mail|delivery|message)", r"failed to (?:deliver|send)", r"failure\b",
    "unable to (?:deliver|send)", "(?:your )?(?:message|e-?mail|mail) (?:delivery|status|to|was not|has not|couldn)",
    r"(?:ndn|ndr|dsn|bounced?)\b", "(?:could not|couldn't|cannot|can't) (?:send|deliver)", "permanent (?:delivery|error|failure)",
    "temporary (?:delivery|failure)", r"rejected\b", "user unknown", "unknown (?:user|recipient|address)", "no such user",
    "address (?:error|unknown|not found)", "considered unsolicited", "virus (?:found|detected)", "could not send", "problem delivering",
    "non remis", "non distribu", "échec (?:de|d['’])", "message non", "avis de non", "notification d['’]échec", "retour(?:né)? à l",
    "notification d['’]état de (?:remise|distribution)", "impossible de (?:remettre|distribuer)", "unzustellbar", "nicht zugestellt",
    "nicht zustellbar", "zustell", "fehler bei der", "mail-zustell", "fehlermeldung", "übermittlungs", "sendebericht",
    "no se (?:puede|pudo|ha podido) entregar", "no entregado", "notificación de (?:estado|entrega)", "devolu", "error de entrega",
    "correo (?:devuelto|no entregado)", "falha n[ao]", "não (?:foi possível|entregue)", "mancato recapito", "non recapitat",
    "consegna non", "impossibile (?:recapitare|consegnare)", "notifica (?:di|sullo) stato", "onbestelbaar", "niet (?:bezorgd|afgeleverd)",
    "olever", "kan (?:inte|ikke) levere", "ikke levert", "kunne ikke levere", "ikke leveret", "toimit", "niedostarczon", "nie dostarczon",
    "zwrot", "nedoručiteln", "nedoručen", "недоставлен", "не доставлен", "сообщение не", "ошибка доставки", "kézbesít", "teslim edil",
    "配信不能", "配信エラー", "送信できません", "エラーメール", "メール配送", "退信", "系统退信", "无法投递", "投递失败", "반송", "전송 ?실패",
    prefix=r"^\W{0,4}(?:(?:warning|automatic(?:ally)?|auto|error|system|important|notice|\[[^\]]{1,20}\])\b[\s:!*-]{1,4}){0,2}",
)  # fmt: skip
BOUNCE_SUBJECT_END = re.compile(
    r"\((?:delivery failed|undeliverable|non remis|failure|delivery failure)\)\s*$|: (?:undeliverable|non remis)\s*$",
    re.IGNORECASE,
)
VACATION_SUBJECT = _any(
    r"auto(?:matic|mated|matisk|matische|matische)?[\s_-]?(?:re(?:ply|sponse)|respon\w*|antwort|svar|réponse|generated)\b", r"auto\s?:\s",
    "autosvar", "autoreply", r"out\s?of\s?(?:the\s?)?office", r"ooo\b", "away from (?:the )?office", r"vacation\b",
    "on (?:vacation|leave|holiday)", "réponse automatique", "absence du bureau", r"absent\w* du bureau", "message d['’]absence",
    "réponse d['’]absence", "je suis absent", "automatische (?:antwort|abwesenheit)", "abwesenheit", "abwesend", "respuesta automática",
    "fuera de (?:la )?oficina", "resposta automática", "ausência", "fora do escritório", "risposta automatica", "fuori sede",
    "automatische? antwoord", "afwezig", "automatiskt? svar", "fravær", "frånvaro", "automaattinen", "poissa", "autoodpowied",
    "automatyczna", "автоответ", "автоматический ответ", "自动(?:回复|答复)", "自動(?:回覆|返信|応答)", r"자동\s?(?:회신|응답)",
    r"i am (?:currently )?(?:away|out|on vacation)",
    prefix=r"^\W{0,3}",
)  # fmt: skip
VACATION_TEXT = _any(
    "out of (?:the )?office", "on (?:vacation|holiday|leave|annual leave)", "(?:am|be) away", "be back", "upon my return",
    "limited access to (?:my )?e-?mail", "automat(?:ic|ed) (?:reply|response|message)", "je suis (?:actuellement )?absent", "de retour",
    "en congé", "réponse automatique", "bin (?:derzeit |zur ?zeit )?(?:nicht|abwesend|im urlaub|außer)", "abwesend", "automatisch",
    "estaré? (?:fuera|ausente)", "de vacaciones", "estou (?:ausente|de férias)", "sono (?:assente|fuori)", "afwezig", "auto-?repl",
    "not be (?:able|available|checking)", "received your (?:e-?mail|message)", "do not reply",
)  # fmt: skip
BOUNCE_TEXT = _any(
    r"(?:could|can|has|was|have|were|is|are|will|did)\s*(?:not|n['’]t)\s+(?:be(?:en)?\s+)?(?:deliver|sent|reach|transfer|accept|found|relay)",
    "undeliver", "delivery (?:has )?(?:fail|error|problem|status|attempt)", "failed to deliver", "returned to sender", "failed recipient",
    "permanent (?:fatal )?(?:error|failure)", "(?:unable|cannot|can't|couldn't|impossible) (?:to )?(?:deliver|send|be deliver)",
    "unknown (?:user|recipient|address|local|account|mailbox)", "user unknown", "no such (?:user|person|recipient|address|account)",
    "mailbox (?:is |was )?(?:full|unavailable|not found|disabled|inactive)", "following (?:address|recipient|destination|user)",
    "quota exceeded", "over (?:its )?quota", r"\b[45]\d\d[ -]#?[45]\.\d\.\d", "rejected (?:your|the) message", "reason for (?:the )?failure",
    "recipient(?:'s)? (?:address |mail server )?(?:was |is |has )?(?:reject|unknown|not)", "qmail-send", "mailer-daemon", "non[- ]?deliver",
    "address(?:es)? failed", "smtp error", "has been postponed", "not (?:yet )?been delivered", "undelivered", "full mailbox",
    "n['’]a pas pu [eê]tre", "échec de", "nicht zugestellt", "nicht zustellbar", "konnte nicht", "no (?:se )?pudo", "non è stato", "配信",
    "送信できません", "退信", "не удалось", "не может быть доставлено", "não (?:foi possível|pôde)", "inválid", "no existe", r"rcpt to:", "reason:",
)  # fmt: skip
