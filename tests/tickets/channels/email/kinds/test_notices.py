"""A machine's word is no work: kept where it belongs to no ticket, joined without a sound where it does."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.tickets.channels.email.kinds import notices
from tests.tickets.channels.email.kinds.look_alikes import PEOPLE
from tests.tickets.channels.email.kinds.notices import NOTICES, receipt, report, written
from tests.tickets.channels.email.scene import DANA, Scene
from tickets.actor import Actor
from tickets.channels.email.parsing import parse_email
from tickets.models import Customer, Event, Inbound, Message, Notice, Outbound, Reader, Ticket

REPORTED = Path(settings.BASE_DIR).parent / "shared" / "corpora" / "email" / "reported"
LINES = {
    "a08_mdn": "receipt",
    "c14_ooo_noheaders": "absence",
    "c12_cal_reply": "appointment",
    "a09_dsn_delay": "delay",
}


@pytest.fixture
def scene(cast, now):
    return Scene(cast, now)


def before_and_after(scene, raw):
    """Return what became of a mail, and how many tickets, customers and outgoing mails it made."""
    counted = (Ticket.objects, Customer.objects, Outbound.objects)
    before = [rows.count() for rows in counted]
    outcome = scene.raw(raw)
    return outcome, [rows.count() - was for rows, was in zip(counted, before, strict=True)]


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_of_no_ticket_is_kept_and_waits_for_nobody(scene, name):
    kind, raw = NOTICES[name]
    outcome, made = before_and_after(scene, raw)
    assert (outcome.state, outcome.ticket, made) == ("kept", None, [0, 0, 0])
    assert Notice.objects.get().kind == kind
    assert not Inbound.objects.needing_attention().exists()


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_and_a_monitor_still_open_tickets(scene, name):
    outcome = scene.raw(PEOPLE[name])
    assert (outcome.state, outcome.ticket.state, Notice.objects.count()) == ("opened", "new", 0)


@pytest.mark.skipif(not REPORTED.is_dir(), reason="The collection of reported mails is not on this machine.")
@pytest.mark.parametrize("name", LINES)
def test_reported_notices_are_kept(scene, name):
    outcome, made = before_and_after(scene, (REPORTED / f"{name}.eml").read_bytes())
    assert (outcome.state, made, Notice.objects.get().kind) == ("kept", [0, 0, 0], LINES[name])


@pytest.mark.skipif(not REPORTED.is_dir(), reason="The collection of reported mails is not on this machine.")
def test_of_the_reported_mails_no_other_is_a_notice():
    found = {file.stem for file in REPORTED.glob("*.eml") if parse_email(file.read_bytes()).notice}
    assert found == set(LINES)


OF_DANA = {
    "receipt": lambda scene: receipt(about=scene.our_id.strip("<>"), From=DANA),
    "absence": lambda scene: written(
        "Re: Lamp", notices.AWAY, sender=DANA, Auto_Submitted="auto-replied", References=scene.our_id
    ),
    "appointment": lambda scene: notices.appointment(From=DANA, In_Reply_To=scene.our_id),
    "delay": lambda scene: report("delayed", about=scene.our_id.strip("<>"), whom="dana@petit.example"),
    "delivered": lambda scene: report("delivered", about=scene.our_id.strip("<>"), whom="dana@petit.example"),
}


@pytest.mark.parametrize("kind", OF_DANA)
@pytest.mark.parametrize("state", ["answered", "solved", "closed"])
def test_a_notice_of_a_ticket_joins_it_and_wakes_nobody(scene, kind, state):
    {"answered": scene.fresh, "solved": scene.solve, "closed": scene.close}[state]()
    was = scene.fresh()
    before = (was.state, was.waiting_since, was.last_customer_at, was.contacts.count())
    outcome, made = before_and_after(scene, OF_DANA[kind](scene))
    now = scene.fresh()
    assert (outcome.state, outcome.ticket, made) == ("attached", scene.ticket, [0, 0, 0])
    assert (now.state, now.waiting_since, now.last_customer_at, now.contacts.count()) == before
    assert outcome.message.facts["notice"]["kind"] == kind


@pytest.mark.parametrize("kind", OF_DANA)
def test_what_was_read_stays_read(scene, cast, kind):
    seen = scene.fresh().last_seq
    Reader.objects.update_or_create(ticket=scene.ticket, user=cast.alice, defaults={"seen_seq": seen})
    Reader.objects.update_or_create(ticket=scene.ticket, user=cast.bob, defaults={"seen_seq": seen - 1})
    scene.raw(OF_DANA[kind](scene))
    places = dict(scene.ticket.readers.values_list("user", "seen_seq"))
    assert (scene.fresh().last_seq, places) == (seen + 1, {cast.alice.pk: seen + 1, cast.bob.pk: seen - 1})


def test_a_colleagues_absence_joins_without_being_let_in(scene):
    raw = written("Re: Lamp", notices.AWAY, Auto_Submitted="auto-replied", In_Reply_To=scene.our_id)
    outcome, made = before_and_after(scene, raw)
    assert (outcome.ticket, outcome.message.is_held, made) == (scene.ticket, False, [0, 0, 0])
    assert scene.ticket.participants.count() == 1


def test_a_stranger_who_names_a_number_is_kept(scene):
    raw = written(f"Automatic reply: [#{scene.ticket.pk}] Lamp", notices.AWAY, Auto_Submitted="auto-replied")
    assert scene.raw(raw).state == "kept"


def test_what_a_domain_disowns_joins_nothing(scene, cast):
    cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    cast.mailbox.save()
    raw = OF_DANA["absence"](scene).replace(
        b"To:", b"Authentication-Results: mx.demo.example; dmarc=fail\nTo:", 1
    )
    assert (scene.raw(raw).state, scene.fresh().messages.filter(is_auto=True).count()) == ("kept", 0)
    assert "DMARC" in Inbound.objects.get(state="kept").why


def test_an_old_closed_ticket_gets_its_notice_and_no_new_one_begins(scene):
    scene.close()
    Ticket.objects.filter(pk=scene.ticket.pk).update(closed_at="2020-01-01T00:00:00Z")
    outcome, made = before_and_after(scene, OF_DANA["absence"](scene))
    assert (outcome.ticket, scene.fresh().state, made) == (scene.ticket, "closed", [0, 0, 0])


def test_many_notices_are_no_loop_that_somebody_has_to_look_at(scene):
    states = [
        scene.raw(OF_DANA["absence"](scene).replace(b"Subject", b"X-N: %d\nSubject" % n, 1)).state
        for n in range(25)
    ]
    assert set(states) <= {"attached", "kept"}
    assert not Inbound.objects.needing_attention().exists()


def test_a_failure_is_still_work(scene):
    outcome = scene.raw(
        report("failed", status="5.1.1", about=scene.our_id.strip("<>"), whom="dana@petit.example")
    )
    scene.outbound.refresh_from_db()
    assert (outcome.state, scene.outbound.state) == ("attached", "bounced")
    assert scene.raw(report("failed", status="5.1.1")).state == "quarantined"


def test_a_delay_changes_no_delivery(scene):
    scene.raw(OF_DANA["delay"](scene))
    state = scene.outbound.state
    scene.outbound.refresh_from_db()
    assert scene.outbound.state == state


def test_a_delay_is_found_by_the_address_it_came_back_to(scene):
    raw = report("delayed", about="other@x.example").replace(
        b"support@demo.example", scene.sent.from_email.encode()
    )
    assert scene.raw(raw, to=scene.sent.from_email).ticket == scene.ticket


def test_the_customer_does_not_read_notices_on_their_page(scene):
    for make in OF_DANA.values():
        scene.raw(make(scene))
    participant = scene.ticket.participants.get()
    shown = Message.objects.visible_to(Actor.for_participant(participant))
    assert shown.filter(ticket=scene.ticket).count() == 2


def test_keeping_is_an_event_without_any_words(scene):
    scene.raw(NOTICES["read"][1])
    event = Event.objects.get(kind="inbound.kept")
    assert event.data == {"inbound": Inbound.objects.get(state="kept").pk, "kind": "receipt"}
