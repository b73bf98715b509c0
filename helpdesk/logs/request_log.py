"""The log lines of a request: the address it came from as the rest of Tandem sees it, and no token."""

from __future__ import annotations

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

from helpdesk.logs.masking import loggable_request
from tickets.customers.mail_addresses import find_request_address


class RequestLog(RequestMiddleware):
    """django-structlog's lines; only trusted proxies are believed about whom they speak for."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        bind_contextvars(ip=find_request_address(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return loggable_request(request.method or "", request.path)
