"""Every server and worker writes through the one formatter that masks, and none a line of its own."""

from typing import Any

from celery.signals import setup_logging
from django.conf import settings

import helpdesk.celery
from helpdesk.logs import lines
from helpdesk.runtime.compose import compose_file
from helpdesk.runtime.processes import PROCESSES
from helpdesk.runtime.reverse_proxy import nginx_configuration


def test_every_logger_of_a_server_ends_in_the_masking_formatter():
    configured: Any = settings.LOGGING["loggers"]
    for name in (
        "django",
        "django.server",
        "gunicorn.error",
        "gunicorn.access",
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
    ):
        assert configured[name]["handlers"] == []
    handlers: Any = settings.LOGGING["handlers"]
    assert set(handlers) == {"console"}


def test_a_worker_of_celery_keeps_to_the_same_formatter():

    assert helpdesk.celery.app.main == "tandem"
    assert any(receiver[1]() is lines.configure for receiver in setup_logging.receivers)


def test_no_server_writes_a_line_for_each_request():
    commands = {process.name: process.command for process in PROCESSES}
    assert "--access-log" not in commands["web"]
    assert "--no-access-log" in commands["sockets"]
    proxy = nginx_configuration(listen="8000", web="web:1", sockets="sockets:1", folder="/tmp")
    inside = proxy.partition("http {")[2]
    assert "access_log off;" in inside
    assert "error_log stderr emerg;" in inside


def test_postgresql_writes_no_statement_and_no_detail():
    assert '"log_min_error_statement=panic", "-c", "log_error_verbosity=terse"' in compose_file()
