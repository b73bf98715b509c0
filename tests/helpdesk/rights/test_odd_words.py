"""Names and words with marks in them: they are words, wherever they come out."""

from __future__ import annotations

import email
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.core import mail as post
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import make
from tickets.channels.email.inbound import mailroom, reply_by_mail
from tickets.channels.email.outbound import whole_ids
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers.mail_addresses import normalise_email
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Attachment, Company, Customer, Macro, Message, Outbound, Signature, Ticket

MARKS = ("{company}", "{agent}", "{number}", "{{ company }}", "{% now 'Y' %}", "{0.__class__}", "%(company)s")


@pytest.mark.parametrize("name", MARKS)
def test_a_customer_named_like_a_placeholder_keeps_that_name_in_macros(attack, name):
    cast = attack.cast
    Customer.objects.filter(pk=cast.dana.pk).update(name=name)
    ticket = make.ticket(cast.web, cast.dana)
    Macro.objects.create(name_en="Hello", text_en="Hello {customer}, {number}.", text_fr="x")
    page = attack.at_work("alice").get(f"/admin/desk/{ticket.pk}/macros/").content.decode()
    shown = name.replace("'", "&#x27;")
    assert f"Hello {shown}, {ticket.pk}." in page


@pytest.mark.parametrize("name", MARKS)
def test_an_agent_named_like_a_placeholder_signs_with_that_name(attack, name):
    cast = attack.cast
    cast.alice.name = name
    cast.alice.save()
    Signature.objects.create(language="en", text="Yours, {agent} of {queue}")
    ticket = make.ticket(cast.web, cast.dana)
    message = replies.reply(ticket, Words("Hello."), by=cast.acting("alice"), now=database_now())
    outbox.deliver_due(now=database_now() + timedelta(minutes=5))
    assert f"Yours, {message.author_user.short_name} of Orders" in str(post.outbox[-1].body)


ODD_IDS = (
    "<a@b.example>\r\n Bcc: v@x.example", "<a\tb@b.example>", "<a@b.example\r\n\t>", "<\u00e9@b.example>",
    "<" + "x" * 900 + "@b.example>", "<a@b>,<c@d>", "=?utf-8?q?<a=0D=0ABcc:=20victim@x.example@b>?=",
    "<a@b.example> <c@d.example>", "<=?utf-8?q?=0D=0ABcc:v@x.example?=@b.example>", "<a\u2028b@b.example>",
)  # fmt: skip


@pytest.mark.parametrize("mail_id", ODD_IDS)
def test_a_mails_own_id_adds_no_field_to_our_answer(attack, mail_id):
    cast = attack.cast
    head = "From: dana@petit.example\r\nTo: support@demo.example\r\nSubject: Hi"
    raw = f"{head}\r\nMessage-ID: {mail_id}\r\n\r\nHi."
    ticket = _received(raw.encode())
    replies.reply(ticket, Words("Hello."), by=cast.acting("alice"), now=database_now())
    _only_to_dana()


ODD_WORDS = (
    "Hi\r\nBcc: v@x.example", "Hi\nBcc: v@x.example", "Hi\x0bBcc: v", "Hi\u2028Bcc: v@x", "Hi\x85Bcc: v",
    "=?utf-8?q?Hi=0D=0ABcc:=20v@x.example?=", "=?utf-8?b?!?=", "=?x-nope?q?a?=", "Hi\x1c\x1dBcc: v", "\ud7ff",
    "x" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("words", ODD_WORDS)
@pytest.mark.parametrize("where", ["subject", "name", "company", "agent", "queue"])
def test_no_word_of_anybody_adds_a_field_to_a_mail(attack, where, words):
    cast = attack.cast
    ticket = make.ticket(cast.web, cast.dana)
    if where == "subject":
        Ticket.objects.filter(pk=ticket.pk).update(subject=words[:500])
    elif where == "name":
        Customer.objects.filter(pk=cast.dana.pk).update(name=words[:200])
    elif where == "agent":
        type(cast.alice).objects.filter(pk=cast.alice.pk).update(name=words[:100])
    elif where == "company":
        Company.objects.update_or_create(pk=1, defaults={"name": words[:80]})
    else:
        type(cast.orders).objects.filter(pk=cast.orders.pk).update(name_en=words[:80])
    replies.reply(ticket, Words("Hello."), by=cast.acting("alice"), now=database_now())
    _only_to_dana()


def _received(raw: bytes) -> Ticket:
    row, _new = mailroom.accept(raw, recipients=["support@demo.example"], now=database_now())
    ticket = receive.process(row.pk, now=database_now()).ticket
    assert ticket is not None
    return ticket


def _only_to_dana() -> None:
    before = len(post.outbox)
    outbox.deliver_due(now=database_now() + timedelta(minutes=5))
    reply = Outbound.objects.get(kind="reply")
    assert reply.state == "sent", reply.error
    assert Message.objects.filter(outbounds=reply).exists()
    for sent in post.outbox[before:]:
        read = email.message_from_bytes(sent.message().as_bytes())
        assert read["Bcc"] is None
        assert sent.recipients() == ["dana@petit.example"]


ENCODED = "=?utf-8?q?Hi=0D=0ABcc:=20v@x.example=0D=0A=0D=0APay=20here?="


def test_a_field_that_decodes_to_several_lines_stays_one_field():
    made = EmailMessage(policy=whole_ids.WholeIds())
    made["Subject"] = ENCODED
    made.set_content("Hello.")
    for written in (made.as_bytes(), made.as_string().encode()):
        read = email.message_from_bytes(written)
        assert (read["Bcc"], read.get_payload().strip()) == (None, "Hello.")


def test_a_file_of_an_odd_name_adds_no_field(attack):
    cast = attack.cast
    ticket = make.ticket(cast.web, cast.dana)
    client = attack.at_work("alice")
    upload = SimpleUploadedFile("x.txt", b"a", "text/plain")
    about = {"kind": "reply", "text": "Hello.", "seen_seq": 1}
    assert client.post(f"/admin/desk/{ticket.pk}/draft/files/", {**about, "files": upload}).status_code == 200
    assert Attachment.objects.update(name=ENCODED) == 1
    sent = {"kind": "reply", "text": "Hello.", "seen_seq": 1, "then": "pending"}
    assert client.post(f"/admin/desk/{ticket.pk}/send/", sent).status_code == 204
    _only_to_dana()
    assert len(post.outbox[-1].attachments) == 1
    assert "\nPay" not in str(post.outbox[-1].message())


def test_an_address_that_mail_programs_would_decode_is_none():
    assert normalise_email("=?utf-8?q?a=0d=0abcc=3av?=@evil.example") == ""


def test_no_word_of_a_stranger_adds_a_field_to_the_mail_that_tells_an_agent(attack):
    cast = attack.cast
    ticket = make.ticket(cast.web, cast.dana, subject=ENCODED)
    told = reply_by_mail.notify_agent(ticket.messages.get(), cast.alice, now=database_now())
    outbox.deliver(told.pk, now=database_now() + timedelta(minutes=1))
    read = email.message_from_bytes(post.outbox[-1].message().as_bytes())
    assert read["Bcc"] is None
