"""The demonstration: what it shows, and that it goes again and takes nothing of anybody else's with it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from helpdesk.demo.clear import NoOtherAdministrator, clear_demo
from helpdesk.demo.load import load_demo
from metrics.models import FactTicket, Survey
from routing.models import Offer, Presence, Relationship, Shift
from tests import make
from tests.cast import NOON
from tickets.models import (
    Article,
    Call,
    Callback,
    Channel,
    ChatSession,
    Company,
    Customer,
    Event,
    Inbound,
    Message,
    Outbound,
    Participant,
    Queue,
    Ticket,
)

FEW = 30
User = get_user_model()


def mine() -> Ticket:
    """Let somebody real write by the demonstration's form."""
    person = make.customer("Rosa Real", "rosa@real.test")
    return make.ticket(Channel.objects.get(slug="web"), person, now=NOON)


def test_it_shows_every_channel_both_languages_and_what_waits_for_somebody(db):
    assert load_demo(now=NOON, count=FEW, say=lambda _line: None) == Ticket.objects.count() > FEW
    assert set(Ticket.objects.values_list("language", flat=True)) == {"en", "fr"}
    assert set(Message.objects.values_list("channel_slug", flat=True)) >= {"email", "web", "chat", "phone"}
    assert {"answered", "missed", "voicemail"} <= set(Call.objects.values_list("result", flat=True))
    assert ChatSession.objects.count() >= 3
    assert Offer.objects.filter(state="accepted").exists()
    assert Callback.objects.filter(state="waiting", until_at__gt=NOON).exists()
    assert Presence.objects.filter(status="away", return_at__gt=NOON).exists()
    assert Inbound.objects.filter(state="quarantined").get().rule == "dmarc_fail"
    assert Participant.objects.filter(state="pending").exists()
    assert Survey.objects.filter(state="answered").exclude(comment="").exists()
    assert FactTicket.objects.count() == Ticket.objects.count()
    assert Relationship.objects.exists()
    assert Event.objects.filter(at__gt=NOON).count() == 0


def test_it_goes_again_without_a_trace_but_the_log_of_settings(db):
    load_demo(now=NOON, count=5, say=lambda _line: None)
    done = clear_demo(now=NOON)
    assert done.stays == []
    for model in (User, Customer, Ticket, Message, Call, Inbound, Outbound, Queue, Channel, Article, Company):
        assert not model.objects.exists(), model
    assert not FactTicket.objects.exists()
    assert not Event.objects.filter(is_audit=False).exists()


def test_what_somebody_real_wrote_or_set_up_stays(db):
    make.user("owner", is_superuser=True)
    load_demo(now=NOON, count=2, say=lambda _line: None)
    ticket = mine()
    bob = User.objects.get(email="bob@demo.example")
    Message.objects.create(ticket=ticket, seq=9, kind="note", author_user=bob, text="Mine.", created_at=NOON)
    done = clear_demo(now=NOON)
    assert list(Ticket.objects.all()) == [ticket]
    assert list(Customer.objects.values_list("name", flat=True)) == ["Rosa Real"]
    assert Queue.objects.get().slug == "orders"
    bob.refresh_from_db()
    assert (bob.is_active, bob.has_usable_password()) == (False, False)
    assert "Bob Lewis (switched off)" in done.stays
    assert set(User.objects.values_list("name", flat=True)) == {"Owner", "Bob Lewis"}


def test_without_another_administrator_it_refuses(db):
    load_demo(now=NOON, count=1, say=lambda _line: None)
    make.user("newcomer")
    with pytest.raises(NoOtherAdministrator):
        clear_demo(now=NOON)
    assert Ticket.objects.exists()


def test_the_command_removes_nothing_unasked(db):
    with pytest.raises(CommandError, match="--yes"):
        call_command("clear_demo")


def test_the_command_says_how_to_begin_anew(db):
    load_demo(now=NOON, count=1, say=lambda _line: None)
    out = StringIO()
    call_command("clear_demo", "--yes", stdout=out)
    assert "/first/" in out.getvalue()


def test_the_roster_of_this_week_is_full(db):
    load_demo(now=NOON, count=FEW, say=lambda _line: None)
    monday = NOON - timedelta(days=NOON.weekday(), hours=12)
    days = Shift.objects.filter(during__startswith__range=(monday, monday + timedelta(days=7)))
    assert {shift.during.lower.weekday() for shift in days} == {0, 1, 2, 3, 4}
