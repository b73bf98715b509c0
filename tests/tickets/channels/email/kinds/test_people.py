"""A person waits for an answer whatever their mail's words and headers say of machines."""

import pytest

from tests.tickets.channels.email.scene import DANA, Scene
from tickets.models import Outbound

QUIET = [
    {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
    {"Precedence": "bulk"},
    {"Precedence": "list"},
    {"X_Loop": "petit.example"},
]
SUBJECTS = {
    "Mail delivery failed to my client": "Hello IT, I get an error when I write. Can you look?",
    "Échec de la remise du colis": "Bonjour, le colis n'a pas pu être livré. Que faire ?",
    "Out of office is not working": "I am away next week and cannot switch it on. Please help.",
    "Returned mail": "Hi, my mails to you come back: user unknown.",
}


@pytest.fixture
def scene(cast, now):
    return Scene(cast, now)


@pytest.mark.parametrize("headers", QUIET)
def test_a_quiet_persons_answer_reopens_and_waits(scene, headers):
    scene.solve()
    scene.came(DANA, "It is broken again.", In_Reply_To=scene.our_id, **headers)
    ticket = scene.fresh()
    assert (ticket.state, ticket.waiting_since is not None) == ("open", True)


@pytest.mark.parametrize("headers", QUIET)
def test_software_does_not_answer_a_quiet_person(scene, headers):
    before = Outbound.objects.count()
    outcome = scene.came("Nora <nora@field.example>", "A question.", subject="Question", **headers)
    assert (outcome.state, outcome.message.is_auto, Outbound.objects.count()) == ("opened", False, before)
    assert outcome.ticket.waiting_since is not None


@pytest.mark.parametrize("subject", SUBJECTS)
def test_words_about_mail_open_a_ticket_that_waits(scene, subject):
    outcome = scene.came("Nora <nora@field.example>", SUBJECTS[subject], subject=subject)
    assert (outcome.state, outcome.message.is_auto) == ("opened", False)
    assert outcome.ticket.waiting_since is not None


PROSE = "Your message could not be delivered.\n\n<paul@petit.example>: 550 5.1.1 user unknown\n"


def test_a_report_in_prose_about_no_mail_of_ours_is_seen_by_a_person(scene):
    outcome = scene.came("Mail Delivery System <mailer-daemon@mx.example>", PROSE, subject="Returned mail")
    assert (outcome.state, outcome.message.is_auto) == ("opened", True)


def test_a_report_in_prose_that_cites_our_mail_is_taken_as_one(scene):
    text = f"{PROSE}\n--- Original message follows ---\nMessage-ID: {scene.our_id}\nSubject: Lamp\n"
    outcome = scene.came("Mail Delivery System <mailer-daemon@mx.example>", text, subject="Returned mail")
    assert outcome.state == "quarantined"  # it names nobody to whom that mail went
