"""Every message accounted for, and what happens when a mailbox does not do its work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests import make
from tests.mails import mail
from tests.plugins.dovecot import numbered
from tests.plugins.servers import free_port
from tickets.channels.email.imap import reader
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.mailboxes import monitoring, reconciliation
from tickets.channels.email.outbound.outward import build_mail
from tickets.clock import database_now
from tickets.intake import receive
from tickets.models import Event, Inbound, Mailbox, MailSeen, Outbound


@pytest.fixture
def carol(cast):
    client = Client()
    client.force_login(cast.carol)
    return client


@pytest.fixture
def clock():
    return database_now()


@pytest.fixture
def brought(cast):
    """The support mailbox, to which mails are brought."""
    return Mailbox.objects.create(channel=cast.mailbox)


def arrive(*raws, now):
    for raw in raws:
        row, _ = mailroom.accept(raw, recipients=["support@demo.example"], now=now)
        receive.process(row.pk, now=now)


def today(account):
    return account.days[0]


def test_what_became_of_each_mail_adds_up(brought, now):
    arrive(mail("dana@petit.example", "One"), mail("emile@moreau.example", "Two"), now=now)
    arrive(b"   \r\n", mail("support@demo.example", "From ourselves"), now=now)
    mailroom.accept(mail("x@y.example", "Later"), recipients=["support@demo.example"], now=now)
    day = today(reconciliation.build_account(brought, now=now))
    assert (day.in_ledger, day.opened, day.aside, day.to_read) == (5, 2, 2, 1)


def test_the_server_s_mails_are_held_against_the_ledger_s(dovecot, mailbox, read, clock):
    dovecot.put(*numbered(4))
    read()
    MailSeen.objects.filter(uid=4).update(state="gone", inbound=None)
    MailSeen.objects.filter(uid=3).update(state="waiting", inbound=None)
    account = reconciliation.build_account(Mailbox.objects.get(), now=clock)
    day = today(account)
    assert (day.on_server, day.in_ledger, day.missing) == (4, 2, 2)
    assert (account.on_server, account.to_fetch, account.is_all_there) == (4, 1, False)


def test_new_numbers_count_each_mail_once(dovecot, mailbox, read, clock):
    dovecot.put(*numbered(3))
    read()
    dovecot.renumber()
    read()
    day = today(reconciliation.build_account(Mailbox.objects.get(), now=clock))
    assert (day.on_server, day.in_ledger, day.missing) == (3, 3, 0)


def test_a_supervisor_walks_from_the_sum_to_the_mail_as_it_came(brought, carol, cast, now):
    arrive(mail("dana@petit.example", "<script>alert(1)</script>"), b"  \r\n", now=now)
    page = carol.get(f"/admin/mailboxes/{brought.pk}/2026-11-18/")
    assert page.content.decode().count("Original") >= 2
    row = Inbound.objects.get(state="opened")
    shown = carol.get(f"/admin/mailboxes/received/{row.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown


def test_the_overview_says_that_all_is_there(brought, carol, now):
    arrive(mail("dana@petit.example", "One"), now=now)
    shown = carol.get("/admin/mailboxes/").content.decode()
    assert "support@demo.example" in shown
    assert "All emails delivered to us are in the ledger" in shown


def test_other_people_s_mailboxes_are_not_found(brought, cast, client):
    client.force_login(cast.alice)
    assert client.get("/admin/mailboxes/").status_code == 403
    supervisor = make.user("sam")
    make.membership(supervisor, make.queue("other"), role="supervisor")
    client.force_login(supervisor)
    assert client.get(f"/admin/mailboxes/{brought.pk}/").status_code == 404
    assert "support@demo.example" not in client.get("/admin/mailboxes/").content.decode()
    assert client.get("/admin/mailboxes/banner/").content.decode().strip() == ""


def failing(mailbox, *, now):
    """Let reading fail as it does when nothing answers, ten minutes ago."""
    Mailbox.objects.filter(pk=mailbox.pk).update(imap_port=free_port())
    broken = Mailbox.objects.select_related("channel").get(pk=mailbox.pk)
    with pytest.raises(OSError, match="refused") as failure:
        reader.read_mailbox(broken)
    reader.record_failure(broken, failure.value, now=now)
    Mailbox.objects.update(failing_since=now - timedelta(minutes=11))


def test_a_mailbox_that_fails_is_told_once_by_another_way_and_on_the_desk(mailbox, carol, cast, clock):
    failing(mailbox, now=clock)
    assert (monitoring.report_problems(now=clock), monitoring.report_problems(now=clock)) == (1, 0)
    notice = Outbound.objects.get(kind="notice")
    assert (notice.to, notice.channel) == ("admin@demo.example", None)
    assert "does not answer on port" in build_mail(notice, now=clock).body
    assert "does not answer on port" in carol.get("/admin/mailboxes/banner/").content.decode()
    assert Event.objects.filter(kind="mailbox.failing").count() == 1


def test_a_short_cut_is_not_told(mailbox, clock):
    failing(mailbox, now=clock)
    Mailbox.objects.update(failing_since=clock - timedelta(minutes=2))
    assert monitoring.report_problems(now=clock) == 0


def test_its_recovery_is_told_too(mailbox, dovecot, carol, clock):
    failing(mailbox, now=clock)
    monitoring.report_problems(now=clock)
    Mailbox.objects.update(imap_port=dovecot.port)
    reader.read_mailbox(Mailbox.objects.select_related("channel").get())
    assert monitoring.report_problems(now=database_now()) == 1
    assert Outbound.objects.filter(kind="notice").count() == 2
    assert carol.get("/admin/mailboxes/banner/").content.decode().strip() == ""


def test_readyz_names_the_mailbox_in_trouble(mailbox, client, clock, settings):
    settings.METRICS_TOKEN = "m" * 32
    failing(mailbox, now=clock)
    check = client.get("/readyz", headers={"authorization": f"Bearer {'m' * 32}"}).json()["checks"]
    assert check["mailbox support@demo.example"]["ok"] is False
    assert "refused" in check["mailbox support@demo.example"]["detail"]


def test_a_mailbox_nobody_reads_is_told(mailbox, clock):
    Mailbox.objects.update(last_success_at=clock - timedelta(minutes=20))
    assert monitoring.find_problem(Mailbox.objects.select_related("channel").get(), now=clock) == "not_read"


@pytest.mark.parametrize(("hours", "is_told"), [(1, False), (3, False), (5, True)])
def test_an_unusual_silence_is_told(brought, now, hours, is_told):
    for n in range(24):
        arrive(mail("dana@petit.example", "Hello"), now=now - timedelta(hours=hours + n))
    assert monitoring.load_expected_silence(brought, now=now) == timedelta(hours=4)
    assert monitoring.is_quiet(brought, now=now) is is_told


def test_of_few_mails_nobody_says_what_is_usual(brought, now):
    arrive(mail("dana@petit.example", "Hello"), now=now - timedelta(days=5))
    assert (monitoring.load_expected_silence(brought, now=now), monitoring.is_quiet(brought, now=now)) == (
        None,
        False,
    )
    brought.quiet_hours = 24
    assert monitoring.is_quiet(brought, now=now)
