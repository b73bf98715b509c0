"""Mails that leave, taken by a real server: greylisting, refusals, cut connections, signatures, throttles."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

import dkim
import pytest
from anymail.exceptions import AnymailRequestsAPIError
from django.core.mail import EmailMessage
from requests import Response

from tests import make
from tests.tickets.channels.email import smtp_peer
from tickets.channels.base import SendResult
from tickets.channels.email.inbound import loops
from tickets.channels.email.outbound import signing
from tickets.channels.email.parsing import parse_email
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox, throttle
from tickets.models import MailReference, MailText, Outbound, Signature, SigningKey
from tickets.models.channels.delivery_error import DeliveryError

DANA = "dana@petit.example"


@pytest.fixture
def peer(settings):
    """Run somebody else's mail server and let Tandem send there."""
    peer = smtp_peer.Peer()
    controller, port = smtp_peer.start(peer)
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5},
        }
    }
    yield peer
    controller.stop()


@pytest.fixture
def outbound(cast, now, peer):
    """Return Alice's answer to Dana, still in the outbox, and nothing else."""
    ticket = make.ticket(cast.web, cast.dana, "My lamp arrived broken.\nIt is the blue one.")
    Outbound.objects.all().delete()
    message = replies.reply(ticket, Words("A new one leaves today."), by=cast.acting("alice"), now=now)
    return message.outbounds.get()


def taken(peer):
    return message_from_bytes(peer.taken[-1].content, policy=default)


def test_it_is_sent_in_the_agents_name_from_an_address_it_can_come_back_to(outbound, peer, now):
    assert outbox.deliver(outbound.pk, now=now).state == "sent"
    assert f"+b.{outbound.public_id}." in peer.taken[0].mail_from
    mail = taken(peer)
    assert mail["From"].endswith("<support@demo.example>")
    assert (mail["Auto-Submitted"], mail["X-Tandem-Loop"]) == (None, None)


def test_greylisted_it_comes_again_with_the_same_id(outbound, peer, now):
    peer.greylist = True
    first = outbox.deliver(outbound.pk, now=now)
    assert (first.state, first.next_attempt_at) == ("deferred", now + timedelta(minutes=1))
    assert outbox.deliver(outbound.pk, now=first.next_attempt_at).state == "sent"
    assert taken(peer)["Message-ID"].strip() == outbound.mail_id


def test_refused_for_good_it_comes_back_to_its_agent(outbound, peer, now):
    peer.refuse[DANA] = "550 5.1.1 No such person"
    row = outbox.deliver(outbound.pk, now=now)
    assert (row.state, row.ticket.state) == ("failed", "open")
    assert row.error == DeliveryError.permanent("No such person", code="5.1.1", provider="smtp")


@pytest.mark.parametrize(
    ("status", "state", "kind"),
    [(422, "failed", "permanent"), (429, "deferred", "temporary"), (None, "deferred", "temporary")],
)
def test_what_a_provider_answers_is_kept_in_its_own_words(outbound, monkeypatch, now, status, state, kind):
    answer = Response()
    answer.status_code, answer.reason = status, "No"

    def refuse(self, *_args, **_more):
        backend = SimpleNamespace(esp_name="Postmark")
        raise AnymailRequestsAPIError("Not taken", response=answer if status else None, backend=backend)

    monkeypatch.setattr(EmailMessage, "send", refuse)
    row = outbox.deliver(outbound.pk, now=now)
    assert (row.state, row.error.kind, row.error.code) == (state, kind, str(status or ""))
    assert row.error.provider == "Postmark"


def test_cut_after_data_the_mail_may_come_twice_with_one_id(outbound, peer, now):
    peer.cut_after_data = 1
    row = outbox.deliver(outbound.pk, now=now)
    assert row.state == "deferred"
    assert outbox.deliver(outbound.pk, now=row.next_attempt_at).state == "sent"
    ids = {message_from_bytes(envelope.content)["Message-ID"].strip() for envelope in peer.taken}
    assert (len(peer.taken), ids) == (2, {outbound.mail_id})


def test_tries_end_after_a_week(outbound, peer, now):
    peer.refuse[DANA] = "450 4.2.0 Mailbox busy"
    moment, tries = now, 0
    while (row := outbox.deliver(outbound.pk, now=moment)) and row.state == "deferred":
        moment, tries = row.next_attempt_at, tries + 1
    assert row.state == "failed"
    assert timedelta(days=6) < moment - now <= timedelta(days=8)
    assert 8 <= tries <= 20


def test_a_server_that_asks_for_a_pause_gets_one_for_its_whole_domain(outbound, cast, peer, now):
    peer.refuse[DANA] = "421 4.7.0 Too many messages, slow down"
    assert outbox.deliver(outbound.pk, now=now).state == "deferred"
    other = outbox.add_outbound("notice", channel=cast.mailbox, to="emile@petit.example", now=now,
                           payload={"text": "Hi", "subject": "Hi"})  # fmt: skip
    assert outbox.deliver(other.pk, now=now) is None
    other.refresh_from_db()
    assert (other.state, other.attempts, other.next_attempt_at) == ("queued", 0, now + throttle.PAUSE)
    assert outbox.deliver(other.pk, now=now + throttle.PAUSE).state == "sent"


def test_one_domain_gets_so_many_a_minute(now, db):
    told = [throttle.reserve_departure(DANA, now=now) for _ in range(throttle.MAX_PER_MINUTE + 1)]
    assert (set(told[:-1]), told[-1]) == ({now}, now + timedelta(minutes=1))
    assert throttle.reserve_departure("emile@moreau.example", now=now) == now


def test_our_own_reply_parser_finds_what_is_new_below_our_mail(outbound, peer, now):
    outbox.deliver(outbound.pk, now=now)
    ours = parse_email(peer.taken[-1].content)
    assert "> It is the blue one." in ours.text
    for intro in ("On 18 Nov 2026, Alice wrote:\n", "Le 18 nov. 2026, Alice a écrit :\n", ""):
        quoted = "\n".join(f"> {line}" for line in ours.text.split("\n"))
        answer = f"From: {DANA}\nIn-Reply-To: {outbound.mail_id}\n\nThank you!\n\n{intro}{quoted}\n"
        assert parse_email(answer.encode()).reply_text == "Thank you!"


def test_it_is_signed_so_that_others_can_verify_it(outbound, peer, now):
    key = SigningKey.objects.create(
        domain="demo.example", private_key=signing.generate_private_key(), is_active=True
    )
    outbox.deliver(outbound.pk, now=now)
    record = signing.build_public_record(key.private_key).encode()
    names = []

    def ask(name, timeout=5):
        names.append(name)
        return record

    assert dkim.verify(peer.taken[-1].content, dnsfunc=ask)
    assert names == [b"tandem._domainkey.demo.example."]


def test_a_queues_own_words_frame_the_answer(outbound, peer, now, cast):
    MailText.objects.create(kind="reply", language="en", text="Other {answer}")
    MailText.objects.create(
        kind="reply", queue=cast.orders, language="en", text="Dear {customer},\n{answer}\nYours, {agent}"
    )
    Signature.objects.create(language="en", text="{agent}, {company}")
    outbox.deliver(outbound.pk, now=now)
    text = parse_email(peer.taken[-1].content).text
    assert "Dear Dana Petit,\nA new one leaves today.\nYours, Alice" in text
    assert "Alice, Tandem" in text


def test_a_template_with_a_placeholder_nobody_fills_in_is_not_used(outbound, peer, now, cast):
    MailText.objects.create(kind="reply", language="en", text="Other {answer}")
    MailText.objects.create(kind="reply", queue=cast.orders, language="en", text="{unknown} {answer}")
    Signature.objects.create(language="en", text="{{agent}}")
    outbox.deliver(outbound.pk, now=now)
    text = parse_email(peer.taken[-1].content).text
    assert "Other A new one leaves today." in text
    assert "{" not in text


def test_own_words_of_thanks_carry_none_of_the_senders(cast, peer, now):
    MailText.objects.create(kind="ack", language="en", text="Thanks {customer}. {promise}")
    make.ticket(cast.web, cast.dana, "casino.example", subject="casino.example")
    outbox.deliver_due(now=now)
    content = peer.taken[-1].content.decode()
    assert "Thanks ." in content
    assert "casino" not in content
    assert "Dana" not in parse_email(peer.taken[-1].content).text


def test_the_providers_name_for_a_mail_is_kept(outbound, peer, now):
    outbox._settle(outbound, SendResult.sent("abc@provider.example"), now=now)
    assert MailReference.objects.get(kind="alias").outbound == outbound


def test_nothing_automatic_goes_to_an_address_that_seems_to_loop(cast, peer, now):
    ticket = make.ticket(cast.web, cast.dana)
    for _ in range(loops.FROM_ONE_SENDER_AN_HOUR + 1):
        loops.weigh(DANA, "Same", None, now=now)
    assert outbox.deliver_due(now=now) == 0
    assert (ticket.outbounds.get().state, peer.taken) == ("cancelled", [])


def test_only_two_workers_write_to_one_domain_at_once(outbound, peer, now):
    older = [
        outbox.add_outbound("notice", channel=outbound.channel, to=f"{n}@petit.example", now=now)
        for n in "ab"
    ]
    Outbound.objects.filter(pk__in=[o.pk for o in older]).update(
        state="sending", next_attempt_at=now + timedelta(minutes=5)
    )
    Outbound.objects.filter(pk=outbound.pk).delete()
    late = outbox.add_outbound(
        "notice",
        channel=outbound.channel,
        to="C@Petit.example",
        now=now,
        payload={"subject": "x", "text": "x"},
    )
    assert outbox.deliver(late.pk, now=now) is None
    late.refresh_from_db()
    assert (late.state, late.next_attempt_at, late.attempts) == ("queued", now + timedelta(seconds=5), 0)
    Outbound.objects.filter(pk=older[0].pk).update(next_attempt_at=now - timedelta(seconds=1))  # it died
    assert outbox.deliver(late.pk, now=now + timedelta(seconds=5)).state == "sent"
