"""A delivery error is one value, from the transport to the page."""

import pytest

from tests import make
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.desk.writing import delivery_errors
from tickets.models import Outbound
from tickets.models.channels.delivery_error import DeliveryError, Kind


@pytest.mark.parametrize(
    ("reply", "text", "kind", "code", "said"),
    [
        (550, "5.1.1 No such user", Kind.PERMANENT, "5.1.1", "No such user"),
        (550, "no such user", Kind.PERMANENT, "550", "no such user"),
        (451, "4.7.1 Greylisted", Kind.TEMPORARY, "4.7.1", "Greylisted"),
        (421, "4.3.2 Closing", Kind.TEMPORARY, "421", "4.3.2 Closing"),
        (452, "", Kind.TEMPORARY, "452", ""),
    ],
)
def test_answer_of_a_mail_server_says_whether_it_is_tried_again(reply, text, kind, code, said):
    error = DeliveryError.from_smtp(reply, text)
    assert (error.kind, error.code, error.text, error.provider) == (kind, code, said, "smtp")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DeliveryError.from_status("5.1.1"), "This address does not exist. (5.1.1)"),
        (DeliveryError.from_smtp(550, "5.2.2 full"), "This mailbox is full. (5.2.2 full)"),
        (DeliveryError.permanent("No such number", code="21211", provider="sms"), "21211 No such number"),
        (DeliveryError.withheld("possible loop"), "possible loop"),
        (None, ""),
    ],
)
def test_page_says_what_the_code_means_and_what_the_other_side_said(error, words):
    assert delivery_errors.describe_error(error) == words


def test_value_is_read_as_it_was_written(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    replies.reply(ticket, Words("On its way."), by=cast.acting("alice"), now=now)
    error = DeliveryError.permanent("x" * 600 + "\x00", code="422", provider="mailgun")
    Outbound.objects.filter(kind="reply").update(error=error)
    kept = Outbound.objects.get(kind="reply").error
    assert kept == error
    assert len(kept.text) == 500


def test_without_an_error_nothing_is_kept(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    replies.reply(ticket, Words("On its way."), by=cast.acting("alice"), now=now)
    assert Outbound.objects.filter(kind="reply", error__isnull=True).exists()
