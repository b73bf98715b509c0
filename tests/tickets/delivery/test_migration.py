"""The migration that converts the sentence of a failed delivery into a DeliveryError."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from tickets.models.channels.delivery_error import DeliveryErrorField

STEPS = import_module("tickets.migrations.0027_delivery_errors")


@pytest.fixture
def take_over(db):
    """Run the step on one old row and return its error, or run both and return the sentence.

    The column is gone from the table by now, so they run on one of the same name and shape.
    """

    def take(state, last_error, *, and_give_back=False):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE tickets_outbound ON COMMIT DROP AS"
                " SELECT %s AS state, %s AS last_error, NULL::jsonb AS error",
                [state, last_error],
            )
            cursor.execute(STEPS.TAKE_OVER)
            if and_give_back:
                cursor.execute("UPDATE pg_temp.tickets_outbound SET last_error = ''")
                cursor.execute(STEPS.GIVE_BACK)
            cursor.execute("SELECT last_error, error FROM pg_temp.tickets_outbound")
            sentence, error = cursor.fetchone()
            cursor.execute("DROP TABLE pg_temp.tickets_outbound")
        return sentence if and_give_back else DeliveryErrorField().from_db_value(error, None, connection)

    return take


@pytest.mark.parametrize(
    ("state", "last_error", "kind", "code", "text"),
    [
        ("failed", "550 5.1.1 No such user", "permanent", "5.1.1", "No such user"),
        ("failed", "550 no such user", "permanent", "550", "no such user"),
        ("failed", "TimeoutError: timed out", "permanent", "", "TimeoutError: timed out"),
        ("bounced", "5.1.1", "permanent", "5.1.1", ""),
        ("sent", "5.1.1 b@x.example, c@x.example", "permanent", "5.1.1", "b@x.example, c@x.example"),
        ("deferred", "451 4.7.1 Greylisted", "temporary", "4.7.1", "Greylisted"),
        ("deferred", "452", "temporary", "452", ""),
        ("cancelled", "possible loop", "withheld", "", "possible loop"),
        (
            "cancelled",
            "550 5.1.1 No such user",
            "permanent",
            "5.1.1",
            "No such user",
        ),  # set aside by a person
        ("failed", "21211 No such number", "permanent", "", "21211 No such number"),
    ],
)
def test_what_stood_there_keeps_its_meaning(take_over, state, last_error, kind, code, text):
    error = take_over(state, last_error)
    assert (error.kind, error.code, error.text, error.provider) == (kind, code, text, "")


def test_where_nothing_went_wrong_there_is_no_error(take_over):
    assert take_over("sent", "") is None


@pytest.mark.parametrize("sentence", ["5.1.1 No such user", "550 no such user", "5.1.1", "possible loop"])
def test_an_older_release_reads_the_same_sentence_again(take_over, sentence):
    assert take_over("failed", sentence, and_give_back=True) == sentence
