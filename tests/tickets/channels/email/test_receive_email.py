"""manage.py receive_email: an MTA's pipe, run as the process it is."""

import json
import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.mails import mail
from tickets.models import Inbound


@pytest.fixture
def pipe(transactional_db):
    """Return a function that runs the command with a mail on its standard input."""
    from tests.cast import assemble

    assemble()
    given = connection.get_connection_params()
    host = quote(str(given["host"]), safe="/")
    url = f"postgresql://{given['user']}@/{given['dbname']}?host={host}&port={given.get('port', 5432)}"

    def run(raw, *arguments, **environment):
        return subprocess.run(
            [sys.executable, "manage.py", "receive_email", *arguments],
            input=raw,
            check=False,
            capture_output=True,
            timeout=120,
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY, **environment},
        )

    return run


def test_it_stores_then_says_what_became_of_the_mail(pipe):
    raw = mail("Dana <dana@petit.example>", "Hello")
    done = pipe(raw, "--to", "support@demo.example")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["ticket"] is not None) == ("opened", True)
    again = json.loads(pipe(raw).stdout)
    assert (again["status"], again["ticket"]) == ("duplicate", answer["ticket"])


def test_an_unknown_mailbox_is_a_matter_of_configuration(pipe):
    assert pipe(mail("dana@petit.example", "Hi"), "--to", "nobody@else.example").returncode == 67


def test_a_mail_that_is_too_large_is_kept_in_quarantine(pipe):
    raw = mail("dana@petit.example", "Hi") + b"x" * 60 * 2**20
    done = pipe(raw)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "quarantined")
    assert Inbound.objects.get().rule == "too_large"


def test_without_a_database_the_mta_tries_again(pipe):
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    assert pipe(mail("dana@petit.example", "Hi"), DATABASE_URL=nowhere).returncode == 75
