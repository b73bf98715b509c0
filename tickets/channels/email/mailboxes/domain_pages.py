"""What our sending domains have published, for those who look after the mailboxes."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.channels.email.mailboxes import domain_check
from tickets.desk.entrance import Desk, for_agents
from tickets.desk.views import home
from tickets.errors import NotAllowed, NotFound
from tickets.models.channels.company_mailboxes import load_open_mailboxes


@require_GET
@for_agents
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the domains of the mailboxes; each asks for its records by itself, and holds up no other."""
    context = {"desk": desk, "now": desk.now, "domains": _domains(desk), "server": _server(request)}
    return render(request, "tickets/mailboxes/domains_page.html", {**home.around(request, desk), **context})


@require_GET
@for_agents
def domain(request: HttpRequest, desk: Desk, domain: str) -> HttpResponse:
    """Look one domain up."""
    if domain not in _domains(desk):
        raise NotFound
    server = _server(request)
    findings = domain_check.check(domain, server=server)
    return render(request, "tickets/mailboxes/domain.html", {"findings": findings, "domain": domain})


def _domains(desk: Desk) -> list[str]:
    """Return the domains of the mailboxes this person looks after."""
    if not desk.supervised and not desk.actor.is_administrator:
        raise NotAllowed
    mailboxes = load_open_mailboxes()
    if not desk.actor.is_administrator:
        mailboxes = [mailbox for mailbox in mailboxes if mailbox.queue_id in desk.supervised]
    return sorted({mailbox.address.rpartition("@")[2].lower() for mailbox in mailboxes})


def _server(request: HttpRequest) -> str:
    """Return the address our mail leaves from, as typed; nothing when it is none."""
    try:
        return str(ipaddress.ip_address(request.GET.get("server", "").strip()))
    except ValueError:
        return ""
