"""Celery tasks of tickets: each calls one function by id. A task may run twice, late, or never."""

from celery import shared_task

from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.live import hints


@shared_task
def announce(event_id: int) -> None:
    """Notify open pages of one event."""
    hints.announce(event_id)


@shared_task
def announce_many(event_ids: list[int]) -> None:
    """Notify open pages of several events."""
    hints.announce_many(event_ids)


@shared_task
def announce_readers(ticket_id: int) -> None:
    """Notify the pages that show a ticket that a reader arrived, left, or started to write."""
    hints.announce_readers(ticket_id)


@shared_task
def process_inbound(inbound_id: int) -> None:
    """Process one row of the ledger into its ticket."""
    receive.process(inbound_id, now=database_now())


@shared_task
def deliver(outbound_id: int) -> None:
    """Send one row of the outbox, if it is due."""
    outbox.deliver(outbound_id, now=database_now())
