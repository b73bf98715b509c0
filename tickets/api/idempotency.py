"""Execute a request once, however often it is sent: all copies with an Idempotency-Key get one answer.

The answer is stored in the transaction of the request's changes, so a crash leaves both or neither. Answers
of success (2xx) and of a conflict with the state (409) are stored. A request that was invalid or not allowed
can be corrected and sent again with the same key.
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
    """The key was used for a different request."""

    code = "idempotency_key_reused"
    sentence = _("This Idempotency-Key was used for another request. Give each request its own.")


class InProgress(DomainError):
    """A copy of this request is still being processed, after WAIT_SECONDS."""

    code = "in_progress"
    sentence = _("This request is being processed. Try again in a moment, with the same key.")
    retry_after = 2


class Withheld(DomainError):
    """The request was executed before, but its sender may no longer see the answer."""

    code = "answer_withheld"
    sentence = _("This was done already, but you may not see the result any more.")


def read_key(request: Request) -> str | None:
    """Return the request's Idempotency-Key, or None. Raises Invalid if its form is wrong."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not FORM.fullmatch(key):
        sentence = _("An Idempotency-Key is 1 to 255 visible ASCII characters, without spaces.")
        raise Invalid(sentence, code="idempotency_key")
    return key


def claim_answer(request: Request, key: str, *, now: datetime) -> ApiAnswer:
    """Return the stored answer to a request, or a new one without status: then the caller must execute it.

    Must run in the transaction of the request's changes. The insert of a copy waits on the unique key until
    the first request commits, for at most WAIT_SECONDS.

    Raises:
        KeyReused: the key was used for a different request of the same API key.
        InProgress: the first request takes longer than that.
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
    if answer is None:  # it expired and was deleted at this moment
        raise InProgress
    if made is None and answer.request_digest != digest:
        raise KeyReused
    return answer


def save_answer(answer: ApiAnswer, response: Response) -> None:
    """Store status and body of a response, in the caller's transaction."""
    answer.status = response.status_code
    if response.data is not None:
        answer.body = JSONRenderer().render(response.data).decode()
    answer.save(update_fields=["status", "body"])


def load_data(answer: ApiAnswer) -> Any:
    """Return the decoded body of a stored answer, or None if it had none."""
    return json.loads(answer.body) if answer.body else None


def replay_answer(answer: ApiAnswer) -> Response:
    """Return a stored answer as a response, marked with `Idempotency-Replayed`."""
    return Response(load_data(answer), status=answer.status, headers={"Idempotency-Replayed": "true"})


def _digest(request: Request) -> str:
    content = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
