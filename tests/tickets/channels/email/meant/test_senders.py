"""Whom a mail is from where its From does not say so: lists, forms, addresses that nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tickets.channels.email.meant.conftest import signed_off
from tickets.delivery import tokens
from tickets.models import Channel, Identity, Outbound

REPORTED = Path(__file__).parents[6] / "shared" / "corpora" / "email" / "reported"
DANA = "Dana Petit <dana@new.example>"
LISTED = {"List_ID": "<sales.lists.example>", "Precedence": "list"}
GROUPS = {
    "google_group": (
        "'Dana Petit' via Support <support@demo.example>",
        {"X_Original_Sender": "dana@new.example", "Mailing_list": "list support@demo.example", **LISTED},
    ),
    "google_original_from": (
        "'Dana Petit' via Sales <sales@shop.example>",
        {"X_Original_From": DANA, "X_Original_Sender": "bounces@mailer.example", **LISTED},
    ),
    "mailman_reply_to": ("Dana Petit via Sales <sales@lists.example>", {"Reply_To": DANA, **LISTED}),
    "mailman_copy": (
        "Dana Petit via Sales <sales@lists.example>",
        {"Reply_To": "sales@lists.example", "Cc": f"{DANA}, Paul <paul@new.example>", **LISTED},
    ),
    "without_list_headers": ("Dana via Sales <sales@shop.example>", {"Reply_To": DANA}),
    "list_address_alone": (
        "Sales <sales@lists.example>",
        {"Reply_To": DANA, "List_Post": "<mailto:sales@lists.example>", **LISTED},
    ),
    "listserv": (
        "Dana Petit <0000a1-dmarc-request@listserv.example>",
        {"Reply_To": DANA, "List_Post": "<mailto:L@listserv.example>"},
    ),
    "encoded_in_the_address": (
        "Dana Petit via groups <dana=new.example@groups.example>",
        {"List_ID": "<main.groups.example>", "List_Post": "<mailto:main@groups.example>"},
    ),
    "french": ("Dana par l’intermédiaire de Ventes <ventes@shop.example>", {"Reply_To": DANA}),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_whom_a_group_has_rewritten_is_the_customer_and_not_verified(name, came):
    sender, headers = GROUPS[name]
    outcome = came(sender, **headers)
    identity = outcome.ticket.participants.get().identity
    assert (outcome.state, identity.value, identity.is_claim) == ("opened", "dana@new.example", True)


def test_a_groups_name_is_left_out_of_the_customers(came):
    outcome = came(
        "'Dana Petit' via Support <support@demo.example>", X_Original_Sender="dana@new.example", **LISTED
    )
    assert outcome.ticket.customer.name == "Dana Petit"


def test_a_group_that_leaves_the_sender_alone_proves_it_as_any_mail(came, cast):
    outcome = came("Dana <dana@petit.example>", X_Original_Sender="bounce@mta.example", **LISTED)
    assert outcome.ticket.customer == cast.dana


def test_a_groups_mail_joins_no_customer_and_no_ticket_of_theirs(came, cast):
    first = came("Dana <dana@petit.example>", Message_ID="<one@petit.example>").ticket
    second = came(
        "Dana via Sales <sales@shop.example>",
        Reply_To="dana@petit.example",
        In_Reply_To="<one@petit.example>",
    ).ticket
    assert (first.customer, second.customer == cast.dana, second != first) == (cast.dana, False, True)


def test_a_mail_of_our_own_mailbox_without_another_reply_to_is_set_aside(came):
    assert came("support@demo.example", Reply_To="support+x@demo.example").state == "quarantined"


def test_our_own_mail_that_comes_back_is_set_aside_whatever_its_reply_to(came):
    assert came("support@demo.example", Reply_To=DANA, X_Tandem_Loop="1").state == "quarantined"


def test_a_form_that_our_domain_disowns_is_set_aside(came):
    outcome = came("support@demo.example", Reply_To=DANA, Authentication_Results=signed_off(result="fail"))
    assert outcome.state == "quarantined"


FORMS = {
    "our_own_mailbox": ("Shop <support@demo.example>", {}),
    "wordpress": ("Shop <wordpress@demo-shop.example>", {}),
    "php": ("Shop <hello@demo-shop.example>", {"X_Mailer": "PHPMailer 6.9"}),
    "script": ("Shop <info@demo-shop.example>", {"X_PHP_Originating_Script": "33:mail.php"}),
    "contact_form": ("<contact-form@demo-shop.example>", {}),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_of_whom_its_reply_to_names(name, came, cast):
    sender, headers = FORMS[name]
    outcome = came(sender, Reply_To="Dana <dana@petit.example>", **headers)
    part = outcome.ticket.participants.get()
    assert (outcome.state, part.address, part.identity.is_claim) == ("opened", "dana@petit.example", True)
    assert outcome.ticket.customer != cast.dana


UNREAD = [
    "noreply@shop.example", "no-reply@shop.example", "do_not_reply@shop.example",
    "ne-pas-repondre@shop.example",
    "orders.noreply@shop.example", "noreply-9@shop.example", "no.reply+x@shop.example",
    "nepasrepondre@shop.example",
    "keine-antwort@shop.example", "no-responder@shop.example", "webmaster@shop.example",
]  # fmt: skip


@pytest.mark.parametrize("sender", UNREAD)
def test_reply_to_is_answered_where_nobody_reads_the_senders_mail(sender, came):
    assert came(sender, Reply_To=DANA).ticket.participants.get().address == "dana@new.example"


@pytest.mark.parametrize("sender", ["norah.reply@shop.example", "reply@shop.example", "noreen@shop.example"])
def test_reply_to_of_a_sender_who_can_be_answered_is_shown_only(sender, came):
    outcome = came(sender, Reply_To=DANA)
    assert outcome.ticket.participants.get().address == sender
    assert outcome.message.facts["reply_to"] == ["dana@new.example"]


def test_a_mailbox_may_always_answer_reply_to(came, cast):
    cast.mailbox.answers_reply_to = Channel.ReplyTo.ALWAYS
    cast.mailbox.save()
    ticket = came("Dana <dana@petit.example>", Reply_To="Dana <dana@home.example>").ticket
    part = ticket.participants.get()
    assert (ticket.customer, part.address, part.identity.is_claim) == (cast.dana, "dana@home.example", True)
    assert not Identity.objects.proved().filter(value="dana@home.example").exists()
    assert not Outbound.objects.filter(to="dana@home.example").exists()


def test_what_answers_from_there_takes_part_and_joins_nobody(came, cast):
    cast.mailbox.answers_reply_to = Channel.ReplyTo.ALWAYS
    cast.mailbox.save()
    came("Dana <dana@petit.example>", Reply_To="victim@home.example")
    other = came("victim@home.example", "My own matter.").ticket
    assert other.customer != cast.dana


ANSWERS_BY = {
    "the ticket's number": lambda ticket: {"subject": f"Re: My lamp [#{ticket.pk}]"},
    "the id of the customer's mail": lambda ticket: {"In_Reply_To": "<first@petit.example>"},
    "the id of our mail": lambda ticket: {
        "In_Reply_To": tokens.build_root_id(ticket.public_id, "demo.example")
    },
}


@pytest.mark.parametrize("answers", ANSWERS_BY.values(), ids=ANSWERS_BY)
@pytest.mark.parametrize(
    ("result", "address"), [("none", "dana@petit.example"), ("pass", "dana@home.example")]
)
def test_answers_on_a_ticket_go_elsewhere_only_by_a_mail_that_is_genuine(
    came, cast, answers, result, address
):
    cast.mailbox.answers_reply_to = Channel.ReplyTo.ALWAYS
    cast.mailbox.save()
    ticket = came("dana@petit.example", Message_ID="<first@petit.example>").ticket
    said = came(
        "dana@petit.example",
        "More.",
        Reply_To="dana@home.example",
        Authentication_Results=signed_off("petit.example", result),
        **answers(ticket),
    )
    assert (said.ticket, said.state) == (ticket, "attached")
    assert ticket.participants.get().address == address


def test_a_mailbox_may_never_answer_reply_to(came, cast):
    cast.mailbox.answers_reply_to = Channel.ReplyTo.NEVER
    cast.mailbox.save()
    assert (
        came("noreply@shop.example", Reply_To=DANA).ticket.participants.get().address
        == "noreply@shop.example"
    )


@pytest.mark.parametrize("rule", ["sales@shop.example", "@shop.example", "Shop.example\nother.example"])
def test_a_rule_names_senders_that_write_for_others(rule, came, cast):
    cast.mailbox.form_senders = rule
    cast.mailbox.save()
    assert came("sales@shop.example", Reply_To=DANA).ticket.participants.get().address == "dana@new.example"


def test_a_form_thanks_nobody_unless_its_mail_is_genuine(came):
    came("wordpress@shop.example", Reply_To=DANA)
    assert not Outbound.objects.exists()
    came("wordpress@shop.example", "More.", Reply_To=DANA, Authentication_Results=signed_off("shop.example"))
    assert Outbound.objects.get().to == "dana@new.example"


RIGHT = {
    "google_group_own_address": "dana.gg@petit.example",
    "contact_form_from_own_mailbox": "dana.cf@petit.example",
    "contact_form_reply_to": "dana.cf@petit.example",
    "customer_cc_invisible": "dana.cc@petit.example",
    "agent_forwards_customer_mail": "alice@demo.example",  # nothing proves that it is hers: the desk asks
}


@pytest.mark.skipif(not REPORTED.is_dir(), reason="The collection of reported mails is not on this machine.")
@pytest.mark.parametrize("name", RIGHT)
def test_a_reported_mail_is_of_the_right_customer(name, came):
    outcome = came.raw((REPORTED / f"{name}.eml").read_bytes())
    assert (outcome.state, outcome.ticket.participants.get().address) == ("opened", RIGHT[name])
