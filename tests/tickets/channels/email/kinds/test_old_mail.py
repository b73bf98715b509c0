"""Old mail is folded whatever program wrote its introduction; what a person wrote is not."""

from pathlib import Path

import pytest

from tickets.channels.email.parsing import parse_email
from tickets.channels.email.reply import extract_new_text

NEW = "It still does not work."
AT = "support@demo.example"

SECTIONS = (Path(__file__).parent / "old_mails.txt").read_text("utf-8").split("\n======== ")[1:]
OLD = dict(section.rstrip("\n").split("\n", 1) for section in SECTIONS)


@pytest.mark.parametrize("shape", OLD)
def test_old_mail_below_is_folded(shape):
    assert extract_new_text(f"{NEW}\n\n{OLD[shape]}") == NEW


@pytest.mark.parametrize("shape", OLD)
def test_old_mail_below_a_telephones_line_is_folded(shape):
    assert extract_new_text(f"{NEW}\n\nEnvoyé de mon Redmi Note 9\n\n{OLD[shape]}") == NEW


DEVICES = [
    "Envoyé de mon Redmi Note 9", "Envoyé depuis mon OnePlus", "Envoyé à partir de mon Fairphone 5",
    "Envoyé de mon\u202fXiaomi", "Provenance : Courrier pour Windows",
    "Provenance\u202f: Courrier pour Windows 10",
    "Envoyé depuis l'application Mail Orange", "Von meinem Fairphone gesendet", "Gesendet von meinem Poco X3",
    "Enviado desde mi Redmi", "Enviado do meu Moto G", "Inviato dal mio OPPO A54",
    "Verzonden vanaf mijn Fairphone",
    "Wysłane z mojego Xiaomi", "Enviat des del meu Redmi", "Sent from my Redmi Note 9",
    "Yahoo Mail: Search, Organize, Conquer", "Yahoo Mail : Cherchez, organisez, simplifiez",
    "Get BlueMail for Android", "Obtenez BlueMail pour Android", "Télécharger Outlook pour iOS",
    "Enviado desde Correo para Windows", "Inviato da Posta per Windows", "Skickat från min Galaxy",
]  # fmt: skip


@pytest.mark.parametrize("line", DEVICES)
def test_a_line_of_any_make_is_folded(line):
    assert extract_new_text(f"{NEW}\n\n{line}") == NEW


SAID = [
    "Hello,\nthe parcel came\nFrom: the wrong warehouse\nSent: last Friday\nand nobody told me.",
    "Bonjour,\n\nDe : Paris\nEnvoyé : vendredi\n\nOù est mon colis ?",
    "Colis\nVon: Berlin\nGesendet: Freitag\nAn: mich\nund nichts kam an.",
    "On Monday I wrote: nothing happened. Then I wrote: please answer.",
    "Le 3 mai votre collègue m'a écrit : nous remboursons. Où est l'argent ?",
    "On my account dana@petit.example I see 3 things:\n- one\n- two\n\nWhat now?",
    "I ordered at 9:00 with dana@petit.example:\n1 lamp\n2 bulbs",
    "Envoyé de mon bureau",
    "Message du vendeur : la lampe est cassée.\n\nQue faire ?",
    "Two problems\n-------\nOriginal messages of your shop never come.\n-------\nBye",
    "I have the model from the list:\nDate: 3 May\nSubject: lamps\nAnd it fails.",
    "Objet : ma lampe\n\nElle ne marche plus.",
    "Here is what I typed:\n\nName: Dana\nFrom: Paris\nTo: Lyon\nSubject: train\n\nand it failed.",
    "My colleague said on 3 May: wait. I waited until 10:00 and wrote to you: no answer.",
    "Yahoo is my provider and Mail is slow.",
]


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("is_reply", [True, False])
def test_a_customers_own_lines_stay(text, is_reply):
    assert extract_new_text(text, is_reply=is_reply) == text


def test_an_answer_inside_the_quote_stays():
    intro = f"Le lun. 3 mai 2027 à 08:12, Service client <{AT}> a\nécrit :"
    text = f"{intro}\n\n> Quelle lampe ?\n\nLa bleue.\n\n> Depuis quand ?\n\nMai."
    assert extract_new_text(text) == "> Quelle lampe ?\n\nLa bleue.\n\n> Depuis quand ?\n\nMai."


FORM = (
    "You have a new message.\n\nFrom: Dana <dana@petit.example>\nSubject: Lamp\nDate: 3 May 2027 09:00\n\n"
    "It is broken."
)


def test_a_forms_fields_are_no_old_mail():
    assert extract_new_text(FORM, is_reply=False) == FORM


HEAD = "From: Dana <dana@petit.example>\nSubject: Re: Lamp\nIn-Reply-To: <x@demo.example>\n"


def answer_of(html):
    return parse_email(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{html}".encode()).reply_text


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>Step 3: turn</blockquote>",
        '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">Step 3: turn</blockquote>',
    ],
)
def test_what_a_customer_sets_in_stays(quote):
    assert answer_of(f"<p>This fails</p>{quote}") == "This fails\n\n> Step 3: turn"


@pytest.mark.parametrize(
    "quote",
    [
        '<blockquote type="cite">old</blockquote>',
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">old</blockquote>',
        '<blockquote style="margin-left:5px;border-left:2px solid #1010FF">old</blockquote>',
        f"<div>On Mon, May 3, 2027 at 9:00 AM Support &lt;{AT}&gt; wrote:<blockquote>old</blockquote></div>",
        '<div id="ydp1a2b3cyahoo_quoted_4455" class="ydp1a2b3cyahoo_quoted"><div>Ddydd Llun: old</div></div>',
    ],
)
def test_what_a_program_quotes_is_folded(quote):
    assert answer_of(f"<p>This fails</p>{quote}") == "This fails"


def test_what_is_set_in_stays_in_the_text_that_goes_with_it():
    mail = (
        f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        "This fails\n\n> Step 3: turn\n--b\nContent-Type: text/html\n\n<p>This fails</p>"
        "<blockquote>Step 3: turn</blockquote>\n--b--"
    )
    assert parse_email(mail.encode()).reply_text == "This fails\n\n> Step 3: turn"
