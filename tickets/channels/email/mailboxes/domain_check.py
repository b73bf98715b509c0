"""Check the DNS records of a mail domain: MX, SPF, DKIM and DMARC, with advice in each finding.

Sources: RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC), RFC 7505 (null MX).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

import dns.exception
import dns.resolver
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.channels.email.outbound.signing import build_public_record
from tickets.models import SigningKey
from tickets.platform.budgets import Budget

GOOD, WARN, BAD = "ok", "warn", "bad"
SECONDS, WHOLE_SECONDS = 3.0, 12.0  # for one query, for all of them
MAX_QUESTIONS = 60  # for a whole check: an SPF record may include ten others each, five levels deep
MAX_LOOKUPS = 10  # RFC 7208 section 4.6.4
LOOKUP_TERMS = ("include", "a", "mx", "ptr", "exists", "redirect")

Ask = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Finding:
    """The result of one check: its tone, a sentence, and the record to publish under which name, if any."""

    topic: str | Promise
    tone: str
    sentence: str
    name: str = ""
    record: str = ""


class Unanswered(Exception):
    """The name servers did not answer, or the limit of queries was reached: the result is unknown."""


def query_dns(name: str, kind: str) -> list[str]:
    """Return the DNS records of a name as texts, empty if there are none. Raises Unanswered."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        resolver.nameservers = [server.partition("#")[0] for server in settings.DNS_SERVERS]
        resolver.port = int(settings.DNS_SERVERS[0].partition("#")[2] or 53)
    resolver.lifetime = SECONDS
    try:
        answer = resolver.resolve(name, kind)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise Unanswered(str(error)) from error
    return [_join_strings(record) for record in answer]


def check_domain(domain: str, *, server: str = "", ask: Ask = query_dns) -> list[Finding]:
    """Return four findings for a domain; `server` is the IP address that our mail is sent from, if known.

    Queries are limited in number and time, because the domain's records can refer to any number of others.
    """
    ask = _limit_queries(ask)
    domain = domain.strip().strip(".").lower()
    return [
        _run_check(gettext_lazy("Receiving (MX)"), lambda: _check_mx(domain, ask)),
        _run_check(gettext_lazy("Who may send (SPF)"), lambda: _check_spf(domain, server, ask)),
        _run_check(gettext_lazy("Signature (DKIM)"), lambda: _check_dkim(domain, ask)),
        _run_check(gettext_lazy("Policy (DMARC)"), lambda: _check_dmarc(domain, ask)),
    ]


def _limit_queries(ask: Ask) -> Ask:
    """Return `ask` with a cache, that raises Unanswered once the number or time of queries is used up."""
    budget = Budget(WHOLE_SECONDS)
    answers: dict[tuple[str, str], list[str]] = {}

    def ask_within_budget(name: str, kind: str) -> list[str]:
        question = name.lower(), kind
        if question not in answers:
            if len(answers) >= MAX_QUESTIONS:
                raise Unanswered("too many questions")
            try:
                budget.seconds_left()
            except TimeoutError as error:
                raise Unanswered(str(error)) from error
            answers[question] = ask(name, kind)
        return answers[question]

    return ask_within_budget


def _run_check(topic: Promise, check: Callable[[], tuple[str, str, str, str]]) -> Finding:
    try:
        return Finding(topic, *check())
    except Unanswered:
        return Finding(topic, WARN, _("The name servers did not answer. Look again in a moment."))


def _check_mx(domain: str, ask: Ask) -> tuple[str, str, str, str]:
    records = [record.split()[-1].rstrip(".") for record in ask(domain, "MX")]
    if not records:
        sentence = _("No mail server is published. Answers cannot arrive there.")
        return BAD, sentence, domain, "MX 10 mail.example.org"
    if records == [""]:
        return BAD, _("The domain declares that it accepts no mail."), domain, "MX 10 mail.example.org"
    return GOOD, _("Mail goes to %(servers)s.") % {"servers": ", ".join(sorted(records)[:5])}, "", ""


def _check_spf(domain: str, server: str, ask: Ask) -> tuple[str, str, str, str]:
    records = [record for record in ask(domain, "TXT") if re.match(r"v=spf1(?:\s|$)", record, re.IGNORECASE)]
    wanted = f"v=spf1 {_build_mechanism(server) or 'mx'} ~all"
    if not records:
        return BAD, _("Nothing is published. Many servers will refuse or sort out our mail."), domain, wanted
    if len(records) > 1:
        return BAD, _("There are several SPF records; only one is allowed."), domain, wanted
    record = records[0]
    if re.search(r"(?:^|\s)\+?all(?:\s|$)", record, re.IGNORECASE):
        return BAD, _("Anybody may send in your name: the record ends with +all."), domain, wanted
    if _count_lookups(record, ask) > MAX_LOOKUPS:
        return BAD, _("The record asks for more than ten other names, so receivers give up."), domain, ""
    if server and not _allows_server(record, domain, server, ask):
        sentence = _("The record does not name the server our mail leaves from, %(server)s.") % {
            "server": server
        }
        return WARN, sentence, domain, _add_mechanism(record, server)
    return GOOD, _("Published: %(record)s") % {"record": record[:300]}, "", ""


def _check_dkim(domain: str, ask: Ask) -> tuple[str, str, str, str]:
    key = SigningKey.objects.filter(domain=domain).exclude(private_key="").first()
    if key is None:
        return WARN, _("Tandem does not sign for this domain. Your mail server may do it instead."), "", ""
    name, wanted = str(key), build_public_record(key.private_key)
    published = [re.sub(r"\s", "", record) for record in ask(name, "TXT")]
    if re.sub(r"\s", "", wanted) in published or _read_tag(wanted, "p") in [
        _read_tag(r, "p") for r in published
    ]:
        if key.is_active:
            return GOOD, _("Our mails are signed, and the public key is published."), "", ""
        return WARN, _("The public key is published, but signing is not switched on yet."), "", ""
    if published:
        return BAD, _("Another key is published there than the one we sign with."), name, wanted
    return BAD, _("The public key is not published yet."), name, wanted


def _check_dmarc(domain: str, ask: Ask) -> tuple[str, str, str, str]:
    name, wanted = f"_dmarc.{domain}", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"
    records = [record for record in ask(name, "TXT") if record.lower().startswith("v=dmarc1")]
    if not records:
        above = domain.partition(".")[2]
        if "." in above and any(r.lower().startswith("v=dmarc1") for r in ask(f"_dmarc.{above}", "TXT")):
            return GOOD, _("The policy of %(domain)s holds here too.") % {"domain": above}, "", ""
        return WARN, _("Nothing is published. Large providers ask for it."), name, wanted
    policy = _read_tag(records[0], "p").lower()
    if len(records) > 1 or policy not in ("none", "quarantine", "reject"):
        return BAD, _("The record cannot be read: %(record)s") % {"record": records[0][:200]}, name, wanted
    if policy == "none":
        return WARN, _("It only watches (p=none): forged mail in your name is delivered."), name, wanted
    return GOOD, _("Published: %(record)s") % {"record": records[0][:300]}, "", ""


def _read_tag(record: str, name: str) -> str:
    match = re.search(rf"(?:^|;)\s*{name}\s*=\s*([^;]*)", record)
    return match[1].strip() if match else ""


def _build_mechanism(server: str) -> str:
    try:
        return f"ip{ipaddress.ip_address(server).version}:{server}"
    except ValueError:
        return ""


def _add_mechanism(record: str, server: str) -> str:
    head, *rest = record.split()
    return " ".join([head, _build_mechanism(server), *rest])


def _count_lookups(record: str, ask: Ask, depth: int = 0) -> int:
    """Count the terms of an SPF record that cause DNS lookups, including those of included records."""
    count = 0
    for term in record.split()[1:]:
        name, _separator, value = re.sub(r"^[+?~-]", "", term).replace("=", ":", 1).partition(":")
        if name.partition("/")[0].lower() not in LOOKUP_TERMS:
            continue
        count += 1
        if (
            name.lower() in ("include", "redirect")
            and depth < 5
            and count <= MAX_LOOKUPS
            and "%" not in value
        ):
            inner = [r for r in ask(value, "TXT") if r.lower().startswith("v=spf1")]
            count += _count_lookups(inner[0], ask, depth + 1) if inner else 0
    return count


def _allows_server(record: str, domain: str, server: str, ask: Ask, depth: int = 0) -> bool:
    """Return whether an SPF record, or one that it includes, allows a server to send."""
    address = ipaddress.ip_address(server)
    for term in record.split()[1:]:
        name, _separator, value = re.sub(r"^\+", "", term).replace("=", ":", 1).partition(":")
        kind = name.lower()
        if kind in ("ip4", "ip6") and _is_in_network(address, value):
            return True
        if kind in ("a", "mx") and server in _resolve_addresses(kind, value or domain, address.version, ask):
            return True
        if kind in ("include", "redirect") and depth < 5 and "%" not in value:
            inner = [r for r in ask(value, "TXT") if r.lower().startswith("v=spf1")]
            if inner and _allows_server(inner[0], value, server, ask, depth + 1):
                return True
    return False


def _resolve_addresses(kind: str, name: str, version: int, ask: Ask) -> set[str]:
    hosts = [name] if kind == "a" else [r.split()[-1].rstrip(".") for r in ask(name, "MX")][:10]
    return {address for host in hosts for address in ask(host, "A" if version == 4 else "AAAA")}


def _is_in_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except (ValueError, TypeError):
        return False


def _join_strings(record: object) -> str:
    """Return a DNS record as one text; a long TXT record is split into strings of 255 bytes."""
    pieces = getattr(record, "strings", None)
    return b"".join(pieces).decode("utf-8", "replace") if pieces is not None else str(record)
