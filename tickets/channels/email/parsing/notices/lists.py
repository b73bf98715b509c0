"""Recognise what a mailing list's software sends by itself: confirmations, digests, newsletters."""

import re

from tickets.channels.email.parsing.addresses import Mailbox
from tickets.channels.email.parsing.headers import Headers

LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "x-beenthere",
)
# The addresses of list programs. "-owner" is left out, because a person may read and write there.
LIST_PROGRAMS = re.compile(
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
# Headers that name the person who wrote through a list or a form.
ORIGINAL_SENDER_HEADERS = ("x-original-from", "x-original-sender", "x-google-original-from")
VIA = re.compile(r"\bvia\b|\bper\b|\büber\b|\bpar\b", re.IGNORECASE)
# Subjects of automatic mails that somebody may have to act upon: they open a ticket all the same.
ACTIONABLE_SUBJECT = re.compile(
    r"alert|alarm|warning|critical|down\b|\bup\b|error|fail|incident|outage|problem|recover|firing|resolved|monitor|backup"
    r"|invoice|receipt|order|payment|refund|quote|contract|ticket|request|shipment|deliver|reminder|expir|renew|suspend"
    r"|password|security|sign-?in|log-?in|verif|overdue|due\b|cancel|form\b|contact|enquiry|inquiry|question|message"
    r"|alerte|panne|erreur|échec|incident|sauvegarde|facture|commande|paiement|rembours|devis|contrat|demande|livraison"
    r"|colis|rappel|échéance|mot de passe|sécurité|connexion|annul|formulaire|réclamation"
    r"|warnung|fehler|störung|rechnung|bestellung|zahlung|mahnung|lieferung|passwort|anfrage|formular",
    re.IGNORECASE,
)


def find_list_sign(
    headers: Headers, sender: Mailbox, reply_to: tuple[str, ...], subject: str, one_way: str
) -> str:
    """Return the header which shows that a list's program wrote a mail, not a person; "" if there is none.

    `one_way` is the header which shows that subscribers cannot write to the list, or "".
    """
    if not any(name in headers for name in LIST_HEADERS) or _has_person(headers, sender, reply_to):
        return ""
    administrivia = headers.text("x-list-administrivia")
    if administrivia and administrivia != "no":
        return f"X-List-Administrivia: {administrivia[:20]}"
    if headers.text("auto-submitted").startswith("auto-generated") and not SUBJECT.match(subject):
        return ""
    is_letter = NEWS.match(sender.address) and "list-unsubscribe" in headers
    if SUBJECT.match(subject) and _is_from_list_program(headers, sender, subject):
        return f"From: {sender.address[:60]}"
    sign = (
        f"From: {sender.address[:60]}"
        if is_letter or _is_from_list_program(headers, sender, subject)
        else one_way
    )
    if not sign and _is_bulk_mailing(headers):
        sign = "List-Unsubscribe-Post + Feedback-ID"
    return "" if ACTIONABLE_SUBJECT.search(subject) else sign


def _is_bulk_mailing(headers: Headers) -> bool:
    """Tell whether a bulk-mail program sent a mail. A person's reply is none: it has In-Reply-To."""
    if headers.text("list-post") not in ("", "no") or "in-reply-to" in headers or "references" in headers:
        return False
    campaign = any(
        name in headers for name in ("feedback-id", "x-campaign", "x-campaignid", "x-csa-complaints")
    )
    return campaign and "list-unsubscribe-post" in headers and "list-unsubscribe" in headers


def _is_from_list_program(headers: Headers, sender: Mailbox, subject: str) -> bool:
    return bool(LIST_PROGRAMS.match(sender.address)) and (
        bool(SUBJECT.match(subject)) or "list-id" in headers
    )


def _has_person(headers: Headers, sender: Mailbox, reply_to: tuple[str, ...]) -> bool:
    """Tell whether a mail names a person beside the list: an original sender, or a Reply-To elsewhere."""
    if any(name in headers for name in ORIGINAL_SENDER_HEADERS) or VIA.search(sender.name):
        return True
    domain = sender.address.rpartition("@")[2].lower()
    others = (address.rpartition("@")[2].lower() for address in reply_to if not LIST_PROGRAMS.match(address))
    return any(
        other != domain and not domain.endswith(f".{other}") and not other.endswith(f".{domain}")
        for other in others
    )
