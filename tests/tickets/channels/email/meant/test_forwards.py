"""A colleague sends a customer's mail on: the ticket is the customer's, or the desk asks whose it is."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from tests import make
from tests.mails import mail
from tests.tickets.channels.email.meant.conftest import signed_off
from tickets.channels.email.inbound import reply_by_mail
from tickets.channels.email.outbound.outward import build_mail
from tickets.intake import forwarded
from tickets.models import Channel, Follower, Message, Outbound, QueueMembership

ALICE, PROVED = "Alice <alice@demo.example>", {"Authentication_Results": signed_off()}
GMAIL = """Can you take this?

---------- Forwarded message ---------
From: Dana Petit <dana@new.example>
Date: Mon, 3 May 2027 at 09:00
Subject: My lamp
To: Alice <alice@demo.example>

Where is my lamp?
"""
SHAPES = {
    "gmail": GMAIL,
    "gmail_fr": """Can you take this?

---------- Forwarded message ---------
De : Dana Petit <dana@new.example>
Date: lun. 3 mai 2027 à 09:00
Subject: My lamp
To: <alice@demo.example>


Where is my lamp?
""",
    "outlook": """Can you take this?

________________________________
From: Dana Petit <dana@new.example>
Sent: Monday, May 3, 2027 9:00 AM
To: Alice <alice@demo.example>
Subject: My lamp

Where is my lamp?
""",
    "outlook_fr": """Can you take this?

De\xa0: Dana Petit <dana@new.example>
Envoyé\xa0: lundi 3 mai 2027 09:00
À\xa0: Alice <alice@demo.example>
Objet\xa0: My lamp

Where is my lamp?
""",
    "outlook_old": """Can you take this?

-----Original Message-----
From: Dana Petit [mailto:dana@new.example]
Sent: Monday, May 3, 2027 9:00 AM
To: Alice
Subject: My lamp

Where is my lamp?
""",
    "apple": """Can you take this?

> Begin forwarded message:
>
> From: Dana Petit <dana@new.example>
> Subject: My lamp
> Date: 3 May 2027 at 09:00:00 CEST
> To: Alice <alice@demo.example>
>
> Where is my lamp?
""",
    "apple_fr": """Can you take this?

Début du message transféré :

De: Dana Petit <dana@new.example>
Objet: My lamp
Date: 3 mai 2027 à 09:00:00 UTC+2
À: Alice <alice@demo.example>

Where is my lamp?
""",
    "thunderbird": """Can you take this?


-------- Forwarded Message --------
Subject: \tMy lamp
Date: \tMon, 3 May 2027 09:00:00 +0200
From: \tDana Petit <dana@new.example>
Reply-To: \tother@new.example
To: \talice@demo.example



Where is my lamp?
""",
    "thunderbird_fr": """Can you take this?

-------- Message transféré --------
Sujet : \tMy lamp
Date : \tMon, 3 May 2027 09:00:00 +0200
De : \tDana Petit <dana@new.example>
Pour : \talice@demo.example


Where is my lamp?
""",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("subject", ["Fwd: My lamp", "TR : My lamp"])
def test_a_forward_is_the_original_senders(shape, subject, came, cast):
    outcome = came(ALICE, SHAPES[shape], subject=subject, **PROVED)
    ticket, message = outcome.ticket, outcome.message
    part = ticket.participants.get()
    assert (part.address, part.identity.is_claim) == ("dana@new.example", True)
    assert (message.text, message.from_address, ticket.subject) == (
        "Where is my lamp?", "dana@new.example", "My lamp",
    )  # fmt: skip
    note = ticket.messages.get(kind="note")
    assert (note.text, note.author_user) == ("Can you take this?", cast.alice)


def test_nobody_is_thanked_and_the_forwarder_follows(came, cast):
    ticket = came(ALICE, GMAIL, subject="Fwd: My lamp", **PROVED).ticket
    assert not Outbound.objects.exists()
    assert Follower.objects.get(ticket=ticket).user == cast.alice


def test_without_lines_of_their_own_there_is_no_note(came):
    text = GMAIL.partition("\n\n")[2]
    assert (
        not came(ALICE, text, subject="Fwd: My lamp", **PROVED).ticket.messages.filter(kind="note").exists()
    )


def test_the_page_says_who_forwarded_it_and_its_date(came, cast, client):
    ticket = came(ALICE, GMAIL, subject="Fwd: My lamp", **PROVED).ticket
    client.force_login(cast.bob)
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    assert "Forwarded by Alice; dated Mon, 3 May 2027 at 09:00." in page


def test_another_confirmed_address_of_the_agent_is_theirs(came, cast):
    EmailAddress.objects.create(user=cast.alice, email="alice@home.example", verified=True)
    outcome = came(
        "alice@home.example", GMAIL, subject="Fwd: x", Authentication_Results=signed_off("home.example")
    )
    assert outcome.message.from_address == "dana@new.example"


def test_an_unconfirmed_address_of_the_agent_is_anybodys(came, cast):
    EmailAddress.objects.create(user=cast.alice, email="alice@home.example", verified=False)
    outcome = came(
        "alice@home.example", GMAIL, subject="Fwd: x", Authentication_Results=signed_off("home.example")
    )
    assert outcome.message.from_address == "alice@home.example"


def test_a_customer_who_forwards_stays_the_customer(came, cast):
    outcome = came("Dana <dana@petit.example>", GMAIL, subject="Fwd: My lamp")
    assert outcome.ticket.customer == cast.dana
    assert "asked_sender" not in outcome.message.facts


def test_a_former_colleague_is_a_customer(came, cast):
    cast.alice.is_active = False
    cast.alice.save()
    assert came(ALICE, GMAIL, subject="Fwd: x", **PROVED).message.from_address == "alice@demo.example"


def test_an_answer_of_an_agent_with_us_in_copy_is_no_forward(came):
    text = SHAPES["outlook"].replace("Can you take this?", "Hello Dana, it leaves today.")
    outcome = came(ALICE, text, subject="Re: My lamp", **PROVED)
    assert outcome.message.from_address == "alice@demo.example"
    assert "asked_sender" not in outcome.message.facts


def test_a_colleagues_signed_answer_is_never_taken_for_a_forward(came, cast, now):
    ticket = came("Dana <dana@petit.example>").ticket
    ticket.set_assignee(cast.alice, by=cast.acting("carol"), now=now, data={})
    told = reply_by_mail.notify_agent(ticket.messages.get(), cast.alice, now=now)
    address = build_mail(told, now=now).reply_to[0]
    outcome = came(ALICE, GMAIL, to=address, subject="Fwd: My lamp", **PROVED)
    assert (outcome.ticket, outcome.message.kind) == (ticket, "out")


def test_a_quoted_forward_in_an_answer_is_no_forward(came):
    outcome = came(ALICE, GMAIL, subject="Re: My lamp", **PROVED)
    assert outcome.message.from_address == "alice@demo.example"


def test_a_later_message_of_a_ticket_does_not_change_whose_it_is(unproved, cast):
    Message.objects.filter(pk=unproved.message.pk).update(seq=7)
    unproved.message.seq = 7
    assert press(unproved, cast.bob, choice="0").status_code == 404


def attached(*inner: bytes, text="FYI", subject="Fwd: My lamp", extra=()):
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = ALICE, "support@demo.example", subject
    whole["Message-ID"] = "<forward@demo.example>"
    whole["Authentication-Results"] = signed_off()
    whole.set_content(text)
    for raw in inner:
        whole.add_attachment(message_from_bytes(raw, policy=policy.default))
    for name in extra:
        whole.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=name)
    return whole.as_bytes()


def with_photo(sender="Dana Petit <dana@new.example>", text="Where is my lamp?"):
    written = {"to": "alice@demo.example", "Date": "Mon, 03 May 2027 09:00:00 +0200"}
    inner = message_from_bytes(mail(sender, text, subject="My lamp", **written), policy=policy.default)
    inner.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="lamp.jpg")
    return inner.as_bytes()


def test_a_mail_sent_on_as_a_file_is_the_message_with_its_files(came, cast):
    outcome = came.raw(attached(with_photo(), extra=["internal.pdf"]))
    message, note = outcome.message, outcome.ticket.messages.get(kind="note")
    assert (message.from_address, message.text) == ("dana@new.example", "Where is my lamp?")
    assert [file.name for file in message.attachments.all()] == ["lamp.jpg"]
    assert (note.text, [file.name for file in note.attachments.all()]) == ("FYI", ["internal.pdf"])
    assert message.facts["sent_as_written"] == "2027-05-03T07:00:00+00:00"


def test_a_mail_sent_on_as_an_unnamed_kind_of_file_is_read_by_its_ending(came):
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = ALICE, "support@demo.example", "FW: My lamp"
    whole["Authentication-Results"] = signed_off()
    whole.set_content("FYI")
    whole.add_attachment(with_photo(), maintype="application", subtype="octet-stream", filename="My lamp.eml")
    assert came.raw(whole.as_bytes()).message.from_address == "dana@new.example"


HTML = {
    "gmail": '<div>Can you take this?<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "---------- Forwarded message ---------<br>From: <b>Dana Petit</b> <span>&lt;"
    '<a href="mailto:dana@new.example">dana@new.example</a>&gt;</span><br>Date: Mon, 3 May 2027 at 09:00<br>'
    "Subject: My lamp<br>To: Alice<br></div><br><div>Where is my lamp?</div></div></div>",
    "outlook_web": '<div>Can you take this?</div><hr><div id="divRplyFwdMsg"><b>De&nbsp;:</b> Dana Petit '
    "&lt;dana@new.example&gt;<br><b>Envoyé&nbsp;:</b> lundi 3 mai 2027 09:00<br><b>À&nbsp;:</b> Alice<br>"
    "<b>Objet&nbsp;:</b> My lamp<div>&nbsp;</div></div><div>Where is my lamp?</div>",
    "apple": 'Can you take this?<br><div><br><blockquote type="cite"><div>Begin forwarded message:</div><br>'
    "<div><b>From: </b>Dana Petit &lt;dana@new.example&gt;<br></div><div><b>Subject: </b>My lamp<br></div>"
    "<div><b>Date: </b>3 May 2027 at 09:00:00 CEST<br></div><div><b>To: </b>Alice<br></div><br>"
    "<div>Where is my lamp?</div></blockquote></div>",
    "thunderbird": "<p>Can you take this?</p><div><br>-------- Forwarded Message --------<table><tr>"
    "<th>Subject: </th><td>My lamp</td></tr><tr><th>Date: </th><td>Mon, 3 May 2027 09:00:00 +0200</td></tr>"
    '<tr><th>From: </th><td>Dana <a href="mailto:dana@new.example">&lt;dana@new.example&gt;</a></td></tr>'
    "</table><br>Where is my lamp?</div>",
}


@pytest.mark.parametrize("shape", HTML)
def test_a_forward_in_html_alone_is_split_too(shape, came):
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = ALICE, "support@demo.example", "Fwd: My lamp"
    whole["Authentication-Results"] = signed_off()
    whole.set_content(HTML[shape], subtype="html")
    outcome = came.raw(whole.as_bytes())
    assert (outcome.message.text, outcome.message.from_address) == ("Where is my lamp?", "dana@new.example")
    assert outcome.ticket.messages.get(kind="note").text == "Can you take this?"


def test_the_files_of_a_forward_are_the_customers(came):
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = ALICE, "support@demo.example", "Fwd: My lamp"
    whole["Authentication-Results"] = signed_off()
    whole.set_content(GMAIL)
    whole.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="lamp.jpg")
    assert [file.name for file in came.raw(whole.as_bytes()).message.attachments.all()] == ["lamp.jpg"]


# -- asked


def asked_of(outcome):
    return [one["address"] for one in outcome.message.facts["asked_sender"]["of"]]


@pytest.fixture
def unproved(came):
    return came(ALICE, GMAIL, subject="Fwd: My lamp")


def press(outcome, user, **sent):
    client = Client()
    client.force_login(user)
    return client.post(reverse("desk:say_sender", args=[outcome.ticket.pk, outcome.message.seq]), sent)


def test_without_proof_that_it_is_the_agents_the_desk_asks(unproved, cast):
    assert asked_of(unproved) == ["dana@new.example"]
    assert unproved.message.from_address == "alice@demo.example"
    client = Client()
    client.force_login(cast.bob)
    page = client.get(reverse("desk:ticket", args=[unproved.ticket.pk])).content.decode()
    assert "Is this from Dana Petit (dana@new.example)?" in page
    assert "nothing proves that Alice sent it" in page
    assert not Outbound.objects.exists()


def test_yes_makes_the_ticket_the_original_senders(unproved, cast):
    assert press(unproved, cast.bob, choice="0").status_code == 204
    ticket, message = unproved.ticket, unproved.message
    ticket.refresh_from_db()
    message.refresh_from_db()
    part = ticket.participants.get(customer=ticket.customer)
    assert (part.address, part.identity.is_claim, ticket.subject) == ("dana@new.example", True, "My lamp")
    assert (message.text, message.author_customer, message.facts.get("asked_sender")) == (
        "Where is my lamp?", ticket.customer, None,
    )  # fmt: skip
    note = ticket.messages.get(kind="note")
    assert (note.text, note.author_user, note.from_name) == ("Can you take this?", None, "Alice")
    assert not Follower.objects.exists()  # nothing proves that it was she


def test_the_answer_then_goes_to_them(unproved, cast, client):
    press(unproved, cast.bob, choice="0")
    client.force_login(cast.bob)
    page = client.get(reverse("desk:ticket", args=[unproved.ticket.pk])).content.decode()
    assert "dana@new.example" in page.partition("composer__to")[2].partition("</p>")[0]


def test_no_leaves_it_the_agents(unproved, cast):
    assert press(unproved, cast.bob, choice="none").status_code == 204
    unproved.message.refresh_from_db()
    assert ("asked_sender" in unproved.message.facts, unproved.message.from_address) == (
        False,
        "alice@demo.example",
    )


@pytest.mark.parametrize("choice", ["1", "", "x", "-1"])
def test_any_other_answer_is_refused(unproved, cast, choice):
    assert press(unproved, cast.bob, choice=choice).status_code in (400, 404)


def test_a_second_answer_is_refused(unproved, cast):
    press(unproved, cast.bob, choice="0")
    assert press(unproved, cast.bob, choice="0").status_code == 404
    assert unproved.ticket.messages.count() == 2


def test_who_does_not_see_the_ticket_answers_nothing(unproved, cast):
    assert press(unproved, cast.mallory, choice="0").status_code == 404


def test_a_header_without_an_address_is_asked_about(came):
    text = GMAIL.replace(" <dana@new.example>", "") + "Dana, dana@new.example\n"
    assert asked_of(came(ALICE, text, subject="Fwd: My lamp", **PROVED)) == ["dana@new.example"]


def test_a_forward_of_a_colleagues_forward_is_asked_about(came):
    text = GMAIL.replace("Can you take this?", """---------- Forwarded message ---------
From: Bob <bob@demo.example>
Date: Mon, 3 May 2027 at 10:00
Subject: Fwd: My lamp
To: Alice <alice@demo.example>

See below.""")  # fmt: skip
    outcome = came(ALICE, text, subject="Fwd: Fwd: My lamp", **PROVED)
    assert asked_of(outcome) == ["dana@new.example"]


def test_two_mails_in_one_forward_are_asked_about_and_the_others_stays_inside(came, cast):
    outcome = came.raw(attached(with_photo(), with_photo("Nora <nora@new.example>", "And mine?")))
    assert asked_of(outcome) == ["dana@new.example", "nora@new.example"]
    press(outcome, cast.bob, choice="1")
    outcome.message.refresh_from_db()
    assert (outcome.message.text, outcome.message.attachments.count()) == ("And mine?", 0)
    assert outcome.ticket.messages.get(kind="note").attachments.count() == 2


def test_what_the_forward_cites_brings_it_into_no_ticket_of_others(came):
    first = came("Nora <nora@new.example>", "Mine.", Message_ID="<one@new.example>").ticket
    outcome = came(ALICE, GMAIL, subject="Fwd: My lamp", References="<one@new.example>", **PROVED)
    assert outcome.ticket != first


def test_the_known_customer_of_that_address_is_not_joined(came, cast):
    text = GMAIL.replace("dana@new.example", "dana@petit.example")
    outcome = came(ALICE, text, subject="Fwd: My lamp", **PROVED)
    assert (outcome.message.from_address, outcome.ticket.customer == cast.dana) == (
        "dana@petit.example",
        False,
    )


def test_the_customer_is_not_answered_where_the_forwarder_wants_answers(came, cast):
    cast.mailbox.answers_reply_to = Channel.ReplyTo.ALWAYS
    cast.mailbox.save()
    ticket = came(ALICE, GMAIL, subject="Fwd: My lamp", Reply_To="alice@home.example", **PROVED).ticket
    assert [part.address for part in ticket.participants.all()] == ["dana@new.example"]


# -- followers


@pytest.fixture
def followed(came, cast, now):
    ticket = came(ALICE, GMAIL, subject="Fwd: My lamp", **PROVED).ticket
    Follower.objects.update(since=now - make.NOON.resolution)
    return ticket


def test_a_follower_is_mailed_what_the_customer_writes_once(followed, cast, now):
    make.customer_message(followed, "Any news?", now=now)
    Message.objects.filter(kind="in", text="Where is my lamp?").delete()
    reply_by_mail.tell_due(now=now)
    reply_by_mail.tell_due(now=now)
    assert [row.to for row in Outbound.objects.filter(kind="notice")] == ["alice@demo.example"]


def test_followers_who_were_told_do_not_keep_others_from_it(followed, cast, now):
    forwarded.follow(followed, cast.bob, now=now - make.NOON.resolution)
    make.customer_message(followed, "Any news?", now=now)
    for _turn in range(4):
        reply_by_mail.tell_due(now=now, limit=1)
    assert "bob@demo.example" in {row.to for row in Outbound.objects.filter(kind="notice")}


def test_what_was_forwarded_is_not_mailed_back(came, now):
    came(ALICE, GMAIL, subject="Fwd: My lamp", **PROVED)
    assert reply_by_mail.tell_due(now=now) == 0


def test_a_follower_who_left_the_queue_is_told_nothing(followed, cast, now):
    QueueMembership.objects.filter(user=cast.alice).delete()
    make.customer_message(followed, "Any news?", now=now)
    assert reply_by_mail.tell_due(now=now) == 0


def test_following_ends_and_begins_by_a_click(followed, cast, client):
    client.force_login(cast.alice)
    address = reverse("desk:follow", args=[followed.pk])
    client.post(address, {"follow": "no"})
    assert not followed.followers.exists()
    client.post(address, {"follow": "yes"})
    assert followed.followers.get().user == cast.alice
