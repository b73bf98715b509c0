"""Threading, identity and loops as other helpdesks' bug reports describe them, by our stricter rules.

Each case stands by itself; where the collection of cases lies beside this checkout, every one of its numbers
must be covered here.
"""

import json
from datetime import timedelta

import pytest

from tests.mails import mail
from tests.plugins.corpora import CORPORA, needs_collection
from tests.tickets.channels.email.scene import DANA, FIRST, REFUNDS, STRANGER, SUPPORT, Scene
from tickets.actor import SYSTEM
from tickets.channels.base import SendResult
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.parsing import parse_email
from tickets.delivery import outbox
from tickets.intake import ledger
from tickets.models import Customer, Identity, Inbound, Message, Outbound, Participant, Ticket, TicketLink

COLLECTION = "scenarios.json"
NUMBERS: dict[str, list[str]] = {"test_agent_mail: who left the queue answers no more": ["s47"]}


def covers(*numbers):
    """Name the cases of the collection that a test stands for."""

    def noted(test):
        NUMBERS[test.__name__] = list(numbers)
        return test

    return noted


@pytest.fixture
def scene(cast, now):
    return Scene(cast, now)


@needs_collection(COLLECTION)
def test_every_case_of_the_collection_is_covered():
    wanted = {case["id"] for case in json.loads((CORPORA / COLLECTION).read_text())}
    assert wanted - {number for numbers in NUMBERS.values() for number in numbers} == set()


# ------------------------------------------------------------------ the number in the subject
@covers("s01")
def test_a_stranger_with_the_number_opens_a_linked_ticket(scene):
    outcome = scene.came(STRANGER, subject=f"Re: [#{scene.ticket.pk}] lamp")
    assert (outcome.state, outcome.ticket != scene.ticket) == ("opened", True)
    assert TicketLink.objects.get(source=outcome.ticket).is_suspicious


@covers("s02", "s03")
@pytest.mark.parametrize("subject", ["[#{0}] lamp", "[#99999999] and [#{0}]", "AW: [#{0}] Lampe"])
def test_the_requester_with_the_number_joins(scene, subject):
    outcome = scene.came(DANA, subject=subject.format(scene.ticket.pk))
    assert (outcome.ticket, outcome.message.thread_layer) == (scene.ticket, "subject")


@covers("s04")
def test_a_closed_ticket_is_opened_again_within_a_fortnight(scene):
    scene.close()
    outcome = scene.came(DANA, subject=f"[#{scene.ticket.pk}]", after=timedelta(days=13))
    assert (outcome.ticket, scene.fresh().state) == (scene.ticket, "open")


@covers("s05", "s39")
def test_later_it_is_a_new_ticket_with_a_link(scene):
    scene.close()
    outcome = scene.came(DANA, subject=f"[#{scene.ticket.pk}]", after=timedelta(days=15))
    assert TicketLink.objects.get(source=outcome.ticket, target=scene.ticket).kind == "continues"


@covers("s06")
def test_a_merged_ticket_leads_to_the_one_that_is_left(scene):
    other = scene.came(DANA, "Another matter.", subject="Chair").ticket
    Ticket.objects.filter(pk=scene.ticket.pk).update(merged_into=other)
    assert scene.came(DANA, subject=f"[#{scene.ticket.pk}]").ticket == other


@covers("s07")
@pytest.mark.parametrize("is_spam", [True, False])
def test_a_ticket_that_is_gone_takes_nothing_in(scene, is_spam):
    number = scene.ticket.pk if is_spam else 99_999_999
    if is_spam:
        scene.fresh().mark_spam(by=scene.cast.acting("alice"), now=scene.now)
    outcome = scene.came(DANA, subject=f"[#{number}]")
    assert (outcome.state, outcome.ticket != scene.ticket) == ("opened", True)
    assert not TicketLink.objects.exists()


@covers("s08", "s09", "s10", "s11")
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/plain", "See [#{0}] please"),
        ("text/plain; name=a.txt", "[#{0}]"),
        ("text/html", "<p title='[#{0}]'>Hello</p>"),
        ("image/png; name=[#{0}].png", "[#{0}]"),
    ],
)
def test_a_number_anywhere_else_says_nothing(scene, kind, content):
    number = scene.ticket.pk
    raw = (
        f"From: {DANA}\nTo: {SUPPORT}\nSubject: Another matter\nMessage-ID: <x@petit.example>\n"
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello.\n--b\n"
        f"Content-Type: {kind.format(number)}\n\n{content.format(number)}\n--b--\n"
    )
    assert scene.raw(raw.encode()).ticket != scene.ticket


# ------------------------------------------------------------------ ids
@covers("s12", "s13", "s31", "s34")
@pytest.mark.parametrize("subject", ["Something else", "AW: RE: Broken lamp"])
@pytest.mark.parametrize("header", ["In_Reply_To", "References"])
def test_an_id_of_the_ticket_joins_whatever_the_subject_says(scene, subject, header):
    outcome = scene.came(DANA, subject=subject, **{header: f"<gone@petit.example> <{FIRST}>"})
    assert (outcome.ticket, outcome.message.thread_layer) == (scene.ticket, "their_message_id")


@covers("s14", "s19")
@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Auto_Response_Suppress": "All", "X_MS_Exchange_Inbox_Rules_Loop": "dana@petit.example"},
    ],
)
def test_a_machines_answer_joins_but_opens_nothing(scene, headers):
    scene.solve()
    acknowledged = Outbound.objects.count()
    outcome = scene.came(DANA, "I am away.", References=scene.our_id, **headers)
    assert (outcome.ticket, outcome.message.is_auto, scene.fresh().state) == (scene.ticket, True, "solved")
    assert Outbound.objects.count() == acknowledged


@covers("s15")
def test_of_two_tickets_with_one_id_the_senders_own_is_meant(scene):
    other = scene.came(STRANGER, "Mine.", Message_ID=f"<{FIRST}>", subject="Mine").ticket
    assert other != scene.ticket
    assert scene.came(DANA, References=f"<{FIRST}>").ticket == scene.ticket
    assert scene.came(STRANGER, References=f"<{FIRST}>").ticket == other


@covers("s16")
@pytest.mark.parametrize("subject", ["WG: Broken lamp", "FW: Broken lamp", "Broken lamp"])
def test_sent_on_to_another_queue_it_is_another_matter(scene, subject):
    outcome = scene.came(DANA, to=REFUNDS, subject=subject, References=f"<{FIRST}>")
    assert outcome.ticket.queue == scene.cast.refunds
    assert TicketLink.objects.get(source=outcome.ticket, target=scene.ticket).kind == "forwarded"


def test_an_answer_that_also_goes_to_another_queue_stays_an_answer(scene):
    raw = mail(DANA, "More.", to=f"{REFUNDS}, {SUPPORT}", References=f"<{FIRST}>")
    assert scene.raw(raw, to=REFUNDS).ticket == scene.ticket


@covers("s32", "s48")
def test_a_new_address_with_our_id_waits_for_a_yes(scene):
    outcome = scene.came("Dana <dana@new.example>", In_Reply_To=scene.our_id)
    assert (outcome.state, outcome.ticket, outcome.message.is_held) == ("pending", scene.ticket, True)
    assert scene.fresh().customer == scene.cast.dana
    assert not Outbound.objects.filter(to="dana@new.example").exists()


@covers("s32")
def test_a_stranger_with_a_customers_id_opens_a_linked_ticket(scene):
    outcome = scene.came(STRANGER, In_Reply_To=f"<{FIRST}>")
    assert TicketLink.objects.get(source=outcome.ticket, target=scene.ticket).is_suspicious


@covers("s33")
def test_an_id_that_nobody_knows_opens_a_ticket(scene):
    outcome = scene.came(DANA, In_Reply_To="<unknown@elsewhere.example>")
    assert (outcome.ticket != scene.ticket, TicketLink.objects.exists()) == (True, False)


def test_the_providers_own_name_for_our_mail_is_known(scene):
    Outbound.objects.filter(pk=scene.outbound.pk).update(state="queued", next_attempt_at=scene.now)
    scene.outbound.refresh_from_db()
    outbox._settle(scene.outbound, SendResult.sent("0102018f-abc-000000"), now=scene.now)
    cited = "<0102018f-abc-000000@eu-west-1.amazonses.com>"
    assert scene.came(DANA, In_Reply_To=cited).message.thread_layer == "alias"


# ------------------------------------------------------------------ who may
@covers("s37")
def test_somebody_elses_reply_address_adds_nothing_in_their_name(scene):
    outcome = scene.came(STRANGER, to=scene.reply_address)
    assert (outcome.state, outcome.message.author_customer != scene.cast.dana) == ("pending", True)
    assert (
        Participant.objects.get(ticket=scene.ticket, state="pending").customer
        == outcome.message.author_customer
    )


@covers("s38", "s24")
@pytest.mark.parametrize("sender", [SUPPORT, "reply"])
def test_mail_from_ourselves_is_kept_and_set_aside(scene, sender):
    outcome = scene.came(scene.reply_address if sender == "reply" else sender, Precedence="bulk")
    assert (outcome.state, Inbound.objects.get(rule="from_own_address").state) == (
        "quarantined",
        "quarantined",
    )


@covers("s40")
def test_dmarc_failed_by_our_own_server_waits_for_a_person(scene):
    scene.cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    scene.cast.mailbox.save()
    proof = "mx.demo.example; dmarc=fail header.from=petit.example"
    assert scene.came(DANA, Authentication_Results=proof).state == "quarantined"
    foreign = "mx.evil.example; dmarc=fail header.from=petit.example"
    assert scene.came(DANA, Authentication_Results=foreign).state == "opened"


@covers("s46")
def test_a_made_up_agents_address_is_set_aside(scene):
    forged = f"support+a.{scene.outbound.public_id}.{scene.cast.alice.pk}.{'a' * 20}@demo.example"
    outcome = scene.came("alice@demo.example", "Pay here.", to=forged)
    assert (outcome.state, Message.objects.filter(kind="out").count()) == ("quarantined", 1)


@covers("s20", "s21")
@pytest.mark.parametrize(
    "header", ["X_Zammad_Ticket_Priority", "RT_Send_Cc", "X_RT_Incoming_Encryption", "X_Tandem_Priority"]
)
def test_headers_give_no_orders(scene, header):
    ticket = scene.came(STRANGER, **{header: "mallory@evil.example"}).ticket
    assert (ticket.priority, ticket.participants.count()) == (1, 1)


@covers("s22")
def test_people_in_to_and_copy_become_no_contacts(scene):
    people = ", ".join(f"p{n}@many.example" for n in range(41))
    before = Customer.objects.count()
    scene.raw(mail(STRANGER, "Hi", to=f"{SUPPORT}, {people}", Cc=people))
    assert Customer.objects.count() == before + 1


@covers("s23")
def test_html_with_thousands_of_links_shows_its_text():
    links = "<a href='https://x.example'>x</a>" * 5_001
    raw = f"From: {STRANGER}\nContent-Type: text/html\n\n<p>Hello</p>{links}".encode()
    parsed = parse_email(raw)
    assert (parsed.html, parsed.text.startswith("Hello")) == ("", True)


# ------------------------------------------------------------------ machines
@covers("s25", "s26", "s27", "s28", "s29", "s30")
@pytest.mark.parametrize(
    "header",
    [
        {"Precedence": "list"},
        {"Precedence": "bulk"},
        {"Auto_Submitted": "auto-generated"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Loop": "yes"},
        {"List_Unsubscribe": "<mailto:leave@list.example>"},
    ],
)
def test_a_machines_mail_opens_a_ticket_and_gets_no_answer(scene, header):
    outcome = scene.came(STRANGER, "News.", **header)
    assert outcome.state == "opened"
    assert not Outbound.objects.filter(to="mallory@evil.example").exists()


@covers("s17")
def test_a_late_delay_report_joins_a_closed_ticket_and_changes_nothing(scene):
    scene.close()
    outcome = scene.raw(_report(scene.our_id, "4.4.1", "delayed"))
    assert (outcome.state, outcome.ticket, scene.fresh().state) == ("attached", scene.ticket, "closed")


@covers("s18")
def test_a_failure_is_found_by_the_mail_inside_it(scene):
    outcome = scene.raw(_report(scene.our_id, "5.1.1", "failed"))
    scene.outbound.refresh_from_db()
    assert (outcome.ticket, scene.outbound.state) == (scene.ticket, "bounced")
    assert Identity.objects.get(value="dana@petit.example").undeliverable_at == scene.now


@covers("s41")
def test_the_address_it_came_back_to_decides(scene):
    raw = _report("<other@x.example>", "5.1.1", "failed", "somebody@else.example", to=scene.sent.from_email)
    scene.raw(raw, to=scene.sent.from_email)
    scene.outbound.refresh_from_db()
    assert scene.outbound.state == "bounced"


@covers("s45")
def test_a_machine_that_hides_it_is_stopped_by_counting(scene):
    states = [
        scene.came("robot@shop.example", f"We have your mail {n}.", subject="We have your mail").state
        for n in range(30)
    ]
    assert (states.count("opened"), states.count("quarantined")) == (20, 10)
    assert Outbound.objects.filter(to="robot@shop.example").count() == 5


def test_one_ticket_is_written_to_ten_times_in_ten_minutes_at_most(scene):
    states = [scene.came(DANA, f"{n}", In_Reply_To=scene.our_id).state for n in range(14)]
    assert (states.count("attached"), states.count("quarantined")) == (10, 4)


def test_a_busy_sender_of_different_mails_is_no_loop(scene):
    states = {scene.came("shop@busy.example", f"Order {n}", subject=f"Order {n}").state for n in range(25)}
    assert states == {"opened"}


# ------------------------------------------------------------------ once, and always
@covers("s35")
def test_the_same_mail_twice_is_one_message(scene):
    raw = mail(DANA, "Once.")
    assert scene.raw(raw).message == scene.raw(raw).message


@covers("s36", "s42")
def test_a_mail_without_an_id_is_taken_in_once(scene):
    raw = mail(STRANGER, "No id.", Message_ID="")
    assert scene.raw(raw).ticket == scene.raw(raw).ticket


@covers("s43")
def test_an_old_mail_is_a_mail(scene):
    assert scene.came(STRANGER, Date="Mon, 1 Jan 2024 00:00:00 +0000").state == "opened"


@covers("s44")
def test_what_was_dealt_with_does_not_come_again(scene):
    raw = mail("support@demo.example", "Loop")
    row, _ = mailroom.accept(raw, recipients=[SUPPORT], now=scene.now)
    scene.raw(raw)
    ledger.dismiss(row, by=SYSTEM, now=scene.now)
    again, is_new = mailroom.accept(raw, recipients=[SUPPORT], now=scene.now + timedelta(days=90))
    assert (again.pk, is_new) == (row.pk, False)


@covers("s49")
def test_one_mail_to_two_mailboxes_is_one_message_received_via_both(scene):
    raw = mail(STRANGER, "To both.", to=f"{SUPPORT}, {REFUNDS}")
    first, second = scene.raw(raw), scene.raw(raw, to=REFUNDS)
    assert (first.message, Inbound.objects.get(ticket=first.ticket).also_via) == (second.message, [REFUNDS])


def _report(original, status, action, address="dana@petit.example", *, to=SUPPORT):
    return (
        f"From: mailer-daemon@petit.example\nTo: {to}\nSubject: Undelivered Mail\n"
        f"Message-ID: <{status}@mx.petit.example>\nReferences: {original}\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nIt did not arrive.\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; petit.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n--b\n"
        f"Content-Type: message/rfc822\n\nMessage-ID: {original}\nSubject: Re: lamp\n\nx\n--b--\n"
    ).encode()
