"""Celery tasks of tickets: fetch by id, call the verb. They may run twice, late, or never."""

from celery import shared_task

from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.live import hints


@shared_task
def announce(event_id: int) -> None:
    """Tell open pages that something happened."""
    hints.announce(event_id)


@shared_task
def announce_many(event_ids: list[int]) -> None:
    """Tell open pages of what happened at once."""
    hints.announce_many(event_ids)


@shared_task
def announce_readers(ticket_id: int) -> None:
    """Tell who has a ticket open that somebody else came, left or writes."""
    hints.announce_readers(ticket_id)


@shared_task
def process_inbound(inbound_id: int) -> None:
    """Read one received thing into its ticket."""
    receive.process(inbound_id, now=database_now())


@shared_task
def deliver(outbound_id: int) -> None:
    """Send one outgoing thing now."""
    outbox.deliver(outbound_id, now=database_now())
