"""What our mails say, and what they never say."""

from datetime import timedelta

import pytest

from tests import make
from tickets.channels.email.outbound import outward
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import tokens
from tickets.models import Outbound, Participant, Signature
from tickets.portal import link_mail


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana, "CANARY-TEXT", subject="CANARY-SUBJECT")


@pytest.fixture
def reply(cast, ticket, now):
    def write(text="We send a new one.", **row):
        message = replies.reply(ticket, Words(text), by=cast.acting("alice"), now=now)
        outbound = Outbound.objects.get(message=message)
        Outbound.objects.filter(pk=outbound.pk).update(**row)
        outbound.refresh_from_db()
        return built(outbound, now)

    return write


def built(outbound, now):
    mail = outward.build_mail(outbound, now=now)
    return mail.subject, mail.body, str(mail.alternatives[0][0])


def test_acknowledgement_has_the_link_and_no_word_of_the_senders(ticket, now):
    parts = built(Outbound.objects.get(ticket=ticket, kind="ack"), now)
    assert not [part for part in parts if "CANARY" in part or "Dana" in part]
    assert all("/r/" in part for part in parts[1:])


def test_acknowledgement_tells_the_promise(ticket, now):
    ticket.promises.create(
        from_at=now + timedelta(hours=2), due_at=now + timedelta(hours=3, minutes=30), made_at=now
    )
    _, text, html = built(Outbound.objects.get(ticket=ticket, kind="ack"), now)
    for part in (text, html):
        assert (
            "Today between 15:00 and 16:30, a person will answer you. We will let you know if this changes."
            in part
        )
        assert "Paris time" in part


def test_acknowledgement_without_a_promise_names_no_time(ticket, now):
    _, text, _ = built(Outbound.objects.get(ticket=ticket, kind="ack"), now)
    assert "A person will answer as soon as somebody is available." in text
    assert "if this changes" not in text


def test_reply_has_words_signature_link_and_reference(ticket, reply, now):
    Signature.objects.create(language="en", text="{agent}, {queue}")
    subject, text, html = reply("First line.\n\nSecond <b>line</b>.")
    assert subject == f"Re: CANARY-SUBJECT [#{ticket.number}]"
    for part in (text, html):
        assert "Alice, Orders" in part
        assert "/r/" in part
        assert tokens.build_body_reference(ticket.public_id) in part
        assert "Simply reply to this mail: Alice or a colleague reads it." in part
    assert "<p>Second &lt;b&gt;line&lt;/b&gt;.</p>" in html.replace(' style="margin: 0 0 14px;"', "")
    assert "Second <b>line</b>." in text


def test_mail_that_others_read_too_carries_no_link_of_one_of_them(cast, ticket, reply, now):
    Participant.objects.create(
        ticket=ticket, customer=cast.emile, role="copy", created_at=now, identity=cast.emile.identities.get()
    )
    parts = reply()
    assert not [part for part in parts if "/r/" in part]


def test_mail_speaks_the_tickets_language(cast, now):
    ticket = make.ticket(cast.web, cast.emile)
    type(ticket).objects.filter(pk=ticket.pk).update(language="fr")
    _, _, html = built(Outbound.objects.get(ticket=ticket, kind="ack"), now)
    assert '<html lang="fr"' in html


def test_styles_are_written_into_the_elements(ticket, now):
    _, _, html = built(Outbound.objects.get(ticket=ticket, kind="ack"), now)
    assert 'class="button"' in html
    assert "background-color: #0b6a64" in html
    assert "<link" not in html


def test_link_to_all_requests_is_new_on_each_try(ticket, now):
    row = link_mail.queue_link_mail("dana@petit.example", language="en", now=now)
    (_, first, _), (_, second, _) = built(row, now), built(row, now)
    assert "/requests/enter/" in first
    assert first != second
    assert "CANARY" not in first
