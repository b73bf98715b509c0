"""Periodic tasks of the wiring itself."""

from celery import shared_task
from django.utils import timezone

from helpdesk.models import Heartbeat


@shared_task
def beat_heart(queue: str) -> None:
    """Prove that beat, broker and this queue's worker reach the database."""
    Heartbeat.record(f"worker-{queue}", now=timezone.now())
