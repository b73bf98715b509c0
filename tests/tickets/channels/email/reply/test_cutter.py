"""What is new in an answer. The first rule: no word of the customer is lost."""

from pathlib import Path

import pytest

from tickets.channels.email.reply import REPLY_MARKERS, extract_new_text, find_matching_start

NEW = "It still does not work."

SECTIONS = (Path(__file__).parent / "old_mails.txt").read_text("utf-8").split("\n======== ")[1:]
OLD_MAILS = dict(section.rstrip("\n").split("\n", 1) for section in SECTIONS)


@pytest.mark.parametrize("program", OLD_MAILS)
def test_old_mail_below_is_cut(program):
    new = extract_new_text(f"{NEW}\n\n{OLD_MAILS[program]}")
    assert new.removesuffix("\n\nSupport a dit") == NEW


@pytest.mark.parametrize(
    "program", ["Gmail", "Thunderbird", "French", "German", "Spanish", "Portuguese", "Italian"]
)
def test_answer_below_the_quote_is_kept_alone(program):
    assert extract_new_text(f"{OLD_MAILS[program]}\n\n{NEW}\n\nDana") == f"{NEW}\n\nDana"


SIGNATURES = [
    "-- \nDana Petit\nParis",
    "--\nDana Petit",
    "Sent from my iPhone",
    "Sent from my Samsung Galaxy smartphone.",
    "Get Outlook for Android<https://aka.ms/x>",
    "Get BlueMail for Android",
    "Sent with Proton Mail secure email.",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Courrier pour Windows",
    "Envoyé depuis mon appareil mobile Samsung",
    "Von meinem iPhone gesendet",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verzonden met mijn telefoon",
    "iPhoneから送信",
    "_______________________________________________\nlamps mailing list\nlamps@lists.example",
    "***\n=====",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signature_is_cut(signature):
    assert extract_new_text(f"{NEW}\n\n{signature}") == NEW
    assert extract_new_text(f"{NEW}\n\n{signature}\n\n{OLD_MAILS['Gmail']}") == NEW


# Each looks like something to cut, and is what the customer wants to say.
SAID = [
    "From: Paris\nTo: London\nDate: 3 May\n\nI need a ticket.",
    "Bonjour\nDe : Paris\nÀ : Lyon\nDate : 3 mai\nObjet : vacances\nMerci",
    "I paid.\nOn 3 May at 10:00 your colleague wrote:\nWe send the money back.\nWhere is it?",
    "Your colleague wrote:\n\nno money back.\n\nIs that so?",
    "The error is:\n\n> 500\n> at line 2",
    "> This is a quote.\n\nAnd this is what I say.",
    "> Only a quote.",
    "Sent from my desk, which is easier than from my phone.",
    "Two questions\n\n--\n\n" + "This is a long text and no signature at all. " * 40,
    "a table\n\n| lamp | price |\n| blue | 10 |\n\nthanks",
    "My list:\n- one\n- two\n---\nand three",
    "Please reply to the points above. This line is long, being a sentence about lines and what is above.",
    "Hello,\n\nOn this day\n\nI wrote something\n\nwhich was interesting.",
    "a > b\n> c",
    "```\n# code\n####\n```\n\nend",
    "Subject: is it the lamp?",
    "",
]


@pytest.mark.parametrize("text", SAID)
def test_what_a_customer_says_is_kept(text):
    assert extract_new_text(text, is_reply=False) == text.strip("\n").rstrip()


def test_quotes_between_answers_stay_with_them():
    text = f"{OLD_MAILS['Gmail']}\n> Which lamp?\n\nThe blue one.\n\n> Since when?\n\nMay.\n\n> Bye"
    assert extract_new_text(text) == "> Hello\n> Which lamp?\n\nThe blue one.\n\n> Since when?\n\nMay."


def test_forwarded_mail_without_a_word_shows_what_is_forwarded():
    header = "From: Bob <bob@shop.example>\nDate: Mon, 3 May 2021\nSubject: Lamp\nTo: Dana"
    text = f"---------- Forwarded message ---------\n{header}\n\nThe lamp is late."
    assert extract_new_text(text, is_reply=False) == "The lamp is late."


def test_quote_presented_by_a_colon_stays_at_the_end_of_an_answer():
    assert extract_new_text("It says:\n> broken\n> lamp") == "It says:\n> broken\n> lamp"


def test_words_of_the_html_are_found_in_the_text():
    assert find_matching_start("Hello,\nyes. Dana\nold words", "Hello, yes. Dana") == "Hello,\nyes. Dana"
    assert find_matching_start("Something else", "Hello") == ""


@pytest.mark.parametrize(
    "line", ["On Monday I went", "From:", "wrote:", ">", "--", "On 1 a@b.example 10:30 wrote:", " " * 200]
)
def test_many_equal_lines_come_back(line):
    text = f"{line}\n" * 20_000
    assert len(extract_new_text(text)) <= len(text)


@pytest.mark.parametrize("language", REPLY_MARKERS)
def test_our_own_marker_is_known(language):
    assert extract_new_text(f"{NEW}\n\n> {REPLY_MARKERS[language]}\n\nold") == NEW
