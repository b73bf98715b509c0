"""What a mailing list says by itself, no person behind it: confirmations, digests, letters to subscribers."""

import re

from tickets.channels.email.parsing.addresses import Mailbox
from tickets.channels.email.parsing.headers import Headers

NAMES = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "x-beenthere",
)
# The addresses of list programs; a list's owner may be a person, and is none of them.
MACHINERY = re.compile(
    r"^(?:[^@]+[-+](?:request|bounces?|confirm|subscribe|unsubscribe|help|digest|noreply)(?:[+=-][^@]*)?"
    r"|mailman(?:-[a-z]+)?|majordomo|listserv|sympa|lists?erver|ezmlm|no-?reply(?:[+-][^@]*)?)@",
    re.IGNORECASE,
)
NEWS = re.compile(r"^(?:[a-z]+[-_.])?newsletters?(?:[-_.+][^@]*)?@", re.IGNORECASE)
SUBJECT = re.compile(
    r"^\W*(?:confirm(?:ation)? [0-9a-f]{8,}|(?:\S+ ){0,4}digest,? (?:vol|issue|\d)|digest (?:for|of) \S+"
    r"|(?:\S+ ){0,4}- digest|welcome to (?:the )?\S?.{1,80}(?:list|group)\b"
    r"|you have (?:been|joined|left|unsubscribed)"
    r"|(?:you have )?(?:un)?subscri(?:bed|ption)|please confirm your (?:un)?subscription"
    r"|goodbye from|bienvenue (?:sur|dans) la liste"
    r"|(?:votre )?(?:dés)?(?:inscription|abonnement)|confirme[zr] (?:votre|l['’]) ?(?:inscription|abonnement)"
    r"|\d+ (?:\S+ ){0,3}moderator request|résumé de \S+|your message to \S+ awaits moderator approval)",
    re.IGNORECASE,
)
# A person who writes through a list or a form: theirs is the word.
BEHIND = ("x-original-from", "x-original-sender", "x-google-original-from")
VIA = re.compile(r"\bvia\b|\bper\b|\büber\b|\bpar\b", re.IGNORECASE)
# What machines send to many and somebody may have to act upon: it opens a ticket.
MATTERS = re.compile(
    r"alert|alarm|warning|critical|down\b|\bup\b|error|fail|incident|outage|problem|recover|firing|resolved|monitor|backup"
    r"|invoice|receipt|order|payment|refund|quote|contract|ticket|request|shipment|deliver|reminder|expir|renew|suspend"
    r"|password|security|sign-?in|log-?in|verif|overdue|due\b|cancel|form\b|contact|enquiry|inquiry|question|message"
    r"|alerte|panne|erreur|échec|incident|sauvegarde|facture|commande|paiement|rembours|devis|contrat|demande|livraison"
    r"|colis|rappel|échéance|mot de passe|sécurité|connexion|annul|formulaire|réclamation"
    r"|warnung|fehler|störung|rechnung|bestellung|zahlung|mahnung|lieferung|passwort|anfrage|formular",
    re.IGNORECASE,
)


def list_sign(
    headers: Headers, sender: Mailbox, reply_to: tuple[str, ...], subject: str, one_way: str
) -> str:
    """Return the sign that a list's program wrote a mail and no person is behind it, or an empty text.

    `one_way` is the sign of a letter to subscribers, whom nobody writes to.
    """
    if not any(name in headers for name in NAMES) or _has_person(headers, sender, reply_to):
        return ""
    administrivia = headers.text("x-list-administrivia")
    if administrivia and administrivia != "no":
        return f"X-List-Administrivia: {administrivia[:20]}"
    if headers.text("auto-submitted").startswith("auto-generated") and not SUBJECT.match(subject):
        return ""
    is_letter = NEWS.match(sender.address) and "list-unsubscribe" in headers
    if SUBJECT.match(subject) and _is_machinery(headers, sender, subject):
        return f"From: {sender.address[:60]}"
    sign = f"From: {sender.address[:60]}" if is_letter or _is_machinery(headers, sender, subject) else one_way
    if not sign and _is_mailing(headers):
        sign = "List-Unsubscribe-Post + Feedback-ID"
    return "" if MATTERS.search(subject) else sign


def _is_mailing(headers: Headers) -> bool:
    """Tell whether a program that sends to thousands sent a mail; people's answers cite what they answer."""
    if headers.text("list-post") not in ("", "no") or "in-reply-to" in headers or "references" in headers:
        return False
    campaign = any(
        name in headers for name in ("feedback-id", "x-campaign", "x-campaignid", "x-csa-complaints")
    )
    return campaign and "list-unsubscribe-post" in headers and "list-unsubscribe" in headers


def _is_machinery(headers: Headers, sender: Mailbox, subject: str) -> bool:
    return bool(MACHINERY.match(sender.address)) and (bool(SUBJECT.match(subject)) or "list-id" in headers)


def _has_person(headers: Headers, sender: Mailbox, reply_to: tuple[str, ...]) -> bool:
    """Tell whether somebody is named beside the list: an original sender, or other hands to answer to."""
    if any(name in headers for name in BEHIND) or VIA.search(sender.name):
        return True
    domain = sender.address.rpartition("@")[2].lower()
    others = (address.rpartition("@")[2].lower() for address in reply_to if not MACHINERY.match(address))
    return any(
        other != domain and not domain.endswith(f".{other}") and not other.endswith(f".{domain}")
        for other in others
    )
