"""Delivery reports, complaints and receipts: about whom, about which mail of ours."""

import pytest

from tests.tickets.channels.email import samples
from tickets.channels.email.parsing import parse_email


def report_of(name):
    return parse_email(samples.read(name)).report


def test_report_names_the_address_we_wrote_to():
    (recipient,) = report_of("bounce_postfix").recipients
    assert (recipient.address, recipient.kind, recipient.status) == ("dana@petit.example", "hard", "5.1.1")
    assert recipient.reason == "unknown address"
    assert recipient.is_final


def test_delay_is_soft_and_not_final():
    (recipient,) = report_of("bounce_delayed").recipients
    assert (recipient.kind, recipient.status, recipient.is_final) == ("soft", "4.4.1", False)


def test_prose_report_names_the_failed_address_not_the_quoted_ones():
    assert [recipient.address for recipient in report_of("bounce_in_prose").recipients] == [
        "emile@durand.example"
    ]


@pytest.mark.parametrize(
    "name", ["bounce_postfix", "bounce_delayed", "bounce_in_prose", "spam_complaint", "read_receipt"]
)
def test_report_names_our_mail(name):
    assert report_of(name).original_message_id == "t.abc.def@demo.example"


def test_complaint_is_no_bounce_and_names_who_complained():
    report = report_of("spam_complaint")
    assert (report.kind, report.recipients[0].address) == ("complaint", "dana@petit.example")


def test_message_filter_that_refuses_by_receipt_is_a_bounce():
    raw = (
        b"From: Mail Delivery Subsystem <admin@petit.example>\nSubject: Automatically rejected mail\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        b"--b\n\nQuota exceeded\n--b\nContent-Type: message/disposition-notification\n\n"
        b"Final-Recipient: rfc822; dana@petit.example\n"
        b"Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n"
    )
    mail = parse_email(raw)
    assert mail.is_bounce
    assert mail.report is not None
    assert mail.report.recipients[0].address == "dana@petit.example"


def test_report_of_success_is_automatic_but_no_bounce():
    raw = samples.read("bounce_postfix").replace(b"Action: failed", b"Action: delivered")
    mail = parse_email(raw.replace(b"Status: 5.1.1", b"Status: 2.0.0"))
    assert (mail.is_auto, mail.is_bounce) == (True, False)
