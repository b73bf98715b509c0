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
    ("X-MS-Exchange-Inbox-Rules-Loop", "dana@petit.example"),
    ("X-Autoreply", "yes"),
    ("X-Autorespond", "My lamp"),
    ("X-Mail-Autoreply", "1"),
    ("X-AutoReply-From", "dana@petit.example"),
    ("X-FC-Machinegenerated", "true"),
    ("X-Failed-Recipients", "emile@durand.example"),
    ("Feedback-Type", "abuse"),
    ("Return-Path", "<>"),
    ("From", "MAILER-DAEMON@petit.example"),
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
    ("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),
    ("X-Auto-Response-Suppress", "All"),
    ("X-MS-Exchange-Inbox-Rules-Loop", "bob@petit.example"),
    ("Precedence", "bulk"),
    ("Precedence", "junk"),
    ("Precedence", "auto_reply"),
    ("Precedence", "list"),
    ("X-Loop", "petit.example"),
    ("From", "postmaster@petit.example"),
    ("From", "Bounce Houses <bounce@castle.example>"),
    ("From", "mail@firma.example"),
    ("From", "auto@garage.example"),
    ("From", "Bouncer Security <info@bouncer.example>"),
]


@pytest.mark.parametrize(("name", "value"), HUMAN_HEADERS)
def test_header_of_a_person_silences_nobody(name, value):
    assert not mail(**{name.replace("-", "_"): value}).is_auto


QUIET = [
    ("X-Auto-Response-Suppress", "All"),
    ("Precedence", "bulk"),
    ("Precedence", "auto_reply"),
    ("X-Loop", "petit.example"),
    ("Auto-Submitted", "auto-replied"),
]


@pytest.mark.parametrize(("name", "value"), QUIET)
def test_some_headers_only_keep_software_from_answering(name, value):
    assert mail(**{name.replace("-", "_"): value}).wants_no_answer


def test_a_plain_mail_may_be_answered_by_software():
    assert not mail().wants_no_answer


def test_a_newsletter_to_which_nobody_writes_is_a_machines():
    assert mail(Precedence="bulk", List_Unsubscribe="<https://shop.example/bye>").is_auto


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
    ("Out of office is not working", "I am away next week and cannot switch it on. Please help.", {}),
    ("Out of office: how?", "I am out of the office next week. How do I switch it on?", {}),
    ("Réponse automatique à activer", "Je serai en congé, pouvez-vous activer ma réponse automatique ?", {}),
    ("Réponse automatique : ne marche pas", "Je suis absent lundi et ma réponse ne fonctionne pas.", {}),
    ("Auto: gearbox", "My automatic gearbox makes a noise.", {}),
    ("Automatic reply", "Your form sends no automatic reply. Can you look?", {}),
    ("Absence du bureau", "Le bureau est absent de ma commande. Où est-il ?", {}),
    ("Abwesenheit: Herr Meier", "Wann ist er wieder da? Er ist seit Montag abwesend.", {}),
    ("Mail delivery failed to my client", "Hello IT, I get an error when I write. Can you look?", {}),
    ("Mail delivery failed", "Hello, my mails to Paul could not be delivered since Monday.", {}),
    ("Returned mail", "Hi, my mails to you come back: user unknown.", {}),
    ("Échec de la remise du colis", "Bonjour, le colis n'a pas pu être livré.", {}),
    ("Failure notice of the lamp", "The lamp has a permanent failure.", {}),
    ("Delivery Status Notification", "What does this mean? I never got my lamp.", {}),
    (
        "Bounce house for Saturday",
        "Is it still free? Last time there was an error.",
        {"From": "bounce@a.example"},
    ),
    ("Mail problem", "My mailbox is full.", {"From": "Postmaster <postmaster@petit.example>"}),
    ("SPF record", "Your SPF record is wrong.", {"From": "Postmaster <postmaster@petit.example>"}),
    ("Unzustellbar", "Das Paket ist unzustellbar, sagt der Bote.", {"From": "mail@firma.example"}),
    ("Question", "I got an automatic reply: I am out of the office. When are you back?", {}),
]


@pytest.mark.parametrize(("subject", "text", "headers"), PEOPLE)
def test_words_alone_silence_no_person(subject, text, headers):
    parsed = mail(text, Subject=subject, **headers)
    assert (parsed.is_auto, parsed.is_bounce) == (False, False)


MACHINES = [
    ("Undelivered Mail Returned to Sender", REPORT, "Mail Delivery <x@mta.example>"),
    ("failure notice", REPORT, "x@mta.example"),
    ("Unzustellbar: Ihre Lampe", "Ihre Nachricht konnte nicht zugestellt werden.", "postmaster@mta.example"),
    ("Non remis : Votre lampe", "Votre message n'a pas pu être remis.", "postmaster@mta.example"),
    ("Your lamp", REPORT, "Mail Delivery System <noc@mta.example>"),
    (
        "E-mail problem",
        f"{REPORT}\n\n--- Below this line is a copy of the message.",
        "postmaster@mta.example",
    ),
]


@pytest.mark.parametrize(("subject", "text", "sender"), MACHINES)
def test_subject_and_text_together_tell_a_report(subject, text, sender):
    parsed = mail(text, Subject=subject, From=sender)
    assert (parsed.is_auto, parsed.is_bounce) == (True, True)


ABSENCES = [
    ("Out of office: My lamp", "I am out of the office."),
    ("Automatische Antwort: Lampe", "Ich bin derzeit nicht im Büro."),
    ("Absence du bureau : Lampe", "Je suis absente jusqu'au 5."),
    ("Réponse automatique", "Bonjour, je suis absent jusqu'au 5 mai. Vous pouvez contacter ma collègue."),
    ("Automatic reply: Re: My lamp", "I am on annual leave until 5 May. Please contact my colleague."),
    ("Abwesenheitsnotiz: Lampe", "Ich bin bis 5. Mai im Urlaub und nicht erreichbar, abwesend."),
    ("Respuesta automática: lámpara", "Estoy de vacaciones, estaré fuera."),
]


@pytest.mark.parametrize(("subject", "text"), ABSENCES)
def test_absence_is_recognised_by_subject_and_text(subject, text):
    parsed = mail(text, Subject=subject)
    assert (parsed.is_auto, parsed.is_vacation, parsed.is_bounce) == (True, True, False)
