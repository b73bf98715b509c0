"""The pages that check the DNS records of our mail domains, for supervisors and administrators."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.channels.email.mailboxes import domain_check
from tickets.desk.access import Desk, for_agents
from tickets.desk.views import home
from tickets.errors import NotAllowed, NotFound
from tickets.models.channels.company_mailboxes import load_open_mailboxes


@require_GET
@for_agents
def show_domains(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the mailboxes' domains; the page then loads each check by itself, as one may be slow."""
    context = {"desk": desk, "now": desk.now, "domains": _list_domains(desk), "server": _read_server(request)}
    page_context = {**home.build_page_context(request, desk), **context}
    return render(request, "tickets/mailboxes/domains_page.html", page_context)


@require_GET
@for_agents
def show_domain(request: HttpRequest, desk: Desk, domain: str) -> HttpResponse:
    """Show the check of one domain's DNS records."""
    if domain not in _list_domains(desk):
        raise NotFound
    server = _read_server(request)
    findings = domain_check.check_domain(domain, server=server)
    return render(request, "tickets/mailboxes/domain.html", {"findings": findings, "domain": domain})


def _list_domains(desk: Desk) -> list[str]:
    """Return the mail domains of the queues that this person supervises. Raises NotAllowed for others."""
    if not desk.supervised and not desk.actor.is_administrator:
        raise NotAllowed
    mailboxes = load_open_mailboxes()
    if not desk.actor.is_administrator:
        mailboxes = [mailbox for mailbox in mailboxes if mailbox.queue_id in desk.supervised]
    return sorted({mailbox.address.rpartition("@")[2].lower() for mailbox in mailboxes})


def _read_server(request: HttpRequest) -> str:
    """Return the typed IP address that our mail is sent from; empty if it is not an address."""
    try:
        return str(ipaddress.ip_address(request.GET.get("server", "").strip()))
    except ValueError:
        return ""
