"""Celery tasks of metrics: they may run twice, late, or never."""

from celery import shared_task

from metrics.facts import derive


@shared_task
def refresh_ticket(ticket_id: int) -> None:
    """Derive one ticket's facts now, if nobody else writes facts; else the sweep does it."""
    derive.derive_if_free([ticket_id])
