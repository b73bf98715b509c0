"""Wiring: settings, URLs, ASGI, Celery, accounts, embedded servers, the page shell."""

from helpdesk.celery import app as celery_app

__all__ = ["celery_app"]
