"""Who is a machine: one strong sign or two weak ones, and people who merely sound like one."""

import pytest

from tickets.channels.email.parsing import parse_email

HUMAN = {"From": "Dana Petit <dana@petit.example>", "Subject": "My lamp"}


def mail(text="My lamp is broken.", **headers):
    fields = HUMAN | {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_email("".join(f"{n}: {v}\n" for n, v in fields.items()).encode() + b"\n" + text.encode())


MACHINE_HEADERS = [
    ("Auto-Submitted", "auto-generated"),
    ("Auto-Submitted", "auto-replied (vacation)"),
    ("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),
    ("Precedence", "bulk"),
    ("Precedence", "junk"),
    ("Precedence", "auto_reply"),
    ("Precedence", "list"),
    ("X-Autoreply", "yes"),
    ("X-Autorespond", "My lamp"),
    ("X-Mail-Autoreply", "1"),
    ("X-AutoReply-From", "dana@petit.example"),
    ("X-FC-Machinegenerated", "true"),
    ("X-Failed-Recipients", "emile@durand.example"),
    ("Feedback-Type", "abuse"),
    ("X-Loop", "petit.example"),
    ("Return-Path", "<>"),
    ("From", "MAILER-DAEMON@petit.example"),
    ("From", "postmaster@petit.example"),
    ("From", "<>"),
    ("X-Tandem-Loop", "demo.example;2"),
    ("Content-Type", "multipart/report; report-type=delivery-status; boundary=b"),
]


@pytest.mark.parametrize(("name", "value"), MACHINE_HEADERS)
def test_header_of_a_machine_is_enough(name, value):
    parsed = mail(**{name.replace("-", "_"): value})
    assert parsed.is_auto
    assert value.split(";")[0].split(" (")[0].lower() in parsed.auto_reason.lower()


HUMAN_HEADERS = [
    ("Auto-Submitted", "no"),
    ("X-Auto-Response-Suppress", "None"),
    ("X-Autoreply", "no"),
    ("Precedence", "normal"),
    ("Return-Path", "<dana@petit.example>"),
    ("From", "auto@garage.example"),
    ("From", "Bouncer Security <info@bouncer.example>"),
]


@pytest.mark.parametrize(("name", "value"), HUMAN_HEADERS)
def test_header_of_a_person_silences_nobody(name, value):
    assert not mail(**{name.replace("-", "_"): value}).is_auto


def test_mail_of_a_discussion_list_is_a_persons():
    parsed = mail(List_Id="<users.lists.example>", Precedence="list", X_Loop="users@lists.example")
    assert (parsed.is_list, parsed.is_auto) == (True, False)


REPORT = (
    "I'm sorry to have to inform you that your message could not be delivered.\n\n"
    "<emile@durand.example>: 550 5.1.1 user unknown"
)

PEOPLE = [
    ("Re: Undelivered Mail Returned to Sender", REPORT, {}),
    ("Fwd: Delivery Status Notification (Failure)", REPORT, {}),
    ("TR : Échec de la remise", REPORT, {}),
    ("My mail did not reach you", REPORT, {}),
    ("Delivery problem", "My parcel could not be delivered, nobody found the address.", {}),
    ("Delivery failed", "The courier says that delivery failed. Was the recipient unknown?", {}),
    ("Échec de livraison", "Le colis n'a pas pu être livré.", {}),
    ("Paket nicht zugestellt", "Das Paket konnte nicht zugestellt werden.", {}),
    ("Mail problem", "When I write to you I get: 550 5.1.1 user unknown. What now?", {}),
    ("Undelivered mail", REPORT, {"User_Agent": "Mozilla Thunderbird"}),
    ("Undelivered mail", REPORT, {"Message_ID": "<abc@mail.gmail.com>"}),
    ("Vacation rental", "We will be on vacation from May. Please do not reply before.", {}),
    ("Holiday", "I am away next week and out of the office, can you deliver later?", {}),
    ("Question", "I got an automatic reply: I am out of the office. When are you back?", {}),
]


@pytest.mark.parametrize(("subject", "text", "headers"), PEOPLE)
def test_words_alone_silence_no_person(subject, text, headers):
    parsed = mail(text, Subject=subject, **headers)
    assert (parsed.is_auto, parsed.is_bounce) == (False, False)


MACHINES = [
    ("Undelivered Mail Returned to Sender", REPORT, "Mail Delivery <x@mta.example>"),
    ("failure notice", REPORT, "x@mta.example"),
    ("Unzustellbar: Ihre Lampe", "Ihre Nachricht konnte nicht zugestellt werden.", "x@mta.example"),
    ("Non remis : Votre lampe", "Votre message n'a pas pu être remis.", "x@mta.example"),
    ("Your lamp", REPORT, "Mail Delivery System <noc@mta.example>"),
    ("E-mail problem", f"{REPORT}\n\n--- Below this line is a copy of the message.", "x@mta.example"),
]


@pytest.mark.parametrize(("subject", "text", "sender"), MACHINES)
def test_subject_and_text_together_tell_a_report(subject, text, sender):
    parsed = mail(text, Subject=subject, From=sender)
    assert (parsed.is_auto, parsed.is_bounce) == (True, True)


ABSENCES = [
    ("Out of office: My lamp", "I am out of the office."),
    ("Automatische Antwort: Lampe", "Ich bin derzeit nicht im Büro."),
    ("Respuesta automática: lámpara", "Estoy de vacaciones, estaré fuera."),
]


@pytest.mark.parametrize(("subject", "text"), ABSENCES)
def test_absence_is_recognised_by_subject_and_text(subject, text):
    parsed = mail(text, Subject=subject)
    assert (parsed.is_auto, parsed.is_vacation, parsed.is_bounce) == (True, True, False)
