"""Do a request once, however often it is sent: every copy with the same Idempotency-Key gets one answer.

The row of the answer is written in the transaction of the work, so a crash leaves both or neither. Kept are
answers that something was done (2xx) and that the state of things forbids it (409); a request that was not
understood or not permitted may be put right and sent again with the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.errors import DomainError, Invalid
from tickets.models import ApiAnswer
from tickets.models.api_answer import LONGEST_KEY

HEADER = "Idempotency-Key"
WAIT_SECONDS = 3.0
FORM = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
CLAIM = """
INSERT INTO tickets_apianswer (api_key_id, idempotency_key, request_digest, status, body, created_at)
VALUES (%s, %s, %s, NULL, '', %s) ON CONFLICT (api_key_id, idempotency_key) DO NOTHING RETURNING id
"""


class KeyReused(DomainError):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    sentence = _("This Idempotency-Key was used for another request. Give each request its own.")


class InProgress(DomainError):
    """A copy of this request is being worked on, and takes longer than we wait for it."""

    code = "in_progress"
    sentence = _("This request is being processed. Try again in a moment, with the same key.")
    retry_after = 2


class Withheld(DomainError):
    """What was done once may not be seen any more by who asked for it."""

    code = "answer_withheld"
    sentence = _("This was done already, but you may not see the result any more.")


def read_key(request: Request) -> str | None:
    """Return the request's key, None without one. Raises Invalid for one that is empty, long or odd."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not FORM.fullmatch(key):
        sentence = _("An Idempotency-Key is 1 to 255 visible ASCII characters, without spaces.")
        raise Invalid(sentence, code="idempotency_key")
    return key


def claim_answer(request: Request, key: str, *, now: datetime) -> ApiAnswer:
    """Return the answer kept for the request, or a new one without status: then the work is the caller's.

    Waits a little while a copy is at work. Runs in the transaction in which the work is done.

    Raises:
        KeyReused: the key belongs to another request of the same API key.
        InProgress: the copy takes longer.
    """
    digest = _digest(request)
    values = [request.auth.pk, key, digest, now]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{int(WAIT_SECONDS * 1000)}ms"])
        try:
            cursor.execute(CLAIM, values)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise InProgress from error
            raise
        made = cursor.fetchone()
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    answer = ApiAnswer.objects.filter(api_key=request.auth.pk, idempotency_key=key).first()
    if answer is None:  # it was forgotten this very moment
        raise InProgress
    if made is None and answer.request_digest != digest:
        raise KeyReused
    return answer


def save_answer(answer: ApiAnswer, response: Response) -> None:
    """Keep what was answered, in the caller's transaction."""
    answer.status = response.status_code
    if response.data is not None:
        answer.body = JSONRenderer().render(response.data).decode()
    answer.save(update_fields=["status", "body"])


def load_data(answer: ApiAnswer) -> Any:
    """Return the data of a kept answer, None where it had none."""
    return json.loads(answer.body) if answer.body else None


def replay_answer(answer: ApiAnswer) -> Response:
    """Return a kept answer once more."""
    return Response(load_data(answer), status=answer.status, headers={"Idempotency-Replayed": "true"})


def _digest(request: Request) -> str:
    asked = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
