"""One table: what each sample mail must be read as."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.tickets.channels.email import samples
from tickets.channels.email.parsing import parse_email

SAMPLES: dict[str, dict[str, Any]] = {
    "plain": {
        "subject": "My lamp",
        "from_addr": "dana@petit.example",
        "from_name": "Dana Petit",
        "to": ("support@demo.example",),
        "date": datetime(2021, 5, 3, 8, tzinfo=UTC),
        "text": "Bonjour, ma lampe est cassée. €",
        "message_id": "sample@petit.example",
        "language": "fr",
        "defects": (),
        "is_auto": False,
    },
    # charsets
    "latin1_quoted_printable": {
        "subject": "Lampe cassée",
        "from_name": "Émile Durand",
        "text": "Ma lampe est cassée, coût 12€, c'est très gênant.",
    },
    "utf8_called_latin1": {"text": "Déjà vu, à bientôt"},
    "no_charset_at_all": {"text": "Die Frösche grüßen"},
    "unknown_charset": {"text": "Un café, s'il vous plaît"},
    "gb2312_means_gb18030": {"subject": "请问朱镕基", "text": "朱镕基"},
    "iso2022jp_vendor_characters": {"subject": "① 電球", "text": "① 電球"},
    "raw_eight_bit_headers": {
        "subject": "Été à Genève",
        "from_name": "Émile Durand",
        "text": "Où êtes-vous ?",
    },
    "encoded_word_split_inside_a_character": {"subject": "Été à Genève"},
    "nul_bytes": {"text": "beforeafter"},
    # headers and structure
    "header_line_lost_its_indent": {
        "subject": "A subject that goes on and on in the next line",
        "text": "Text",
    },
    "junk_before_the_header": {"subject": "Junk above", "from_addr": "dana@petit.example", "text": "Text"},
    "mbox_line_first": {"subject": "Out of a mailbox file", "text": "Text"},
    "carriage_returns_only": {"subject": "Old Mac", "text": "First line\nSecond line"},
    "no_empty_line_before_the_body": {
        "subject": "No empty line",
        "text": "this is the text already\nand this too",
    },
    "mixed_text_html_text": {"text": "Before the picture\n\nBetween pictures\n\nAfter the picture"},
    "alternative_with_inline_image": {
        "text": "Look at the lamp",
        "html": '<p>Look at <img src="cid:lamp@petit.example" alt="the lamp"></p>',
    },
    "attached_mail": {"text": "See the attached mail"},
    "unclosed_multipart": {"text": "The end is missing", "defects": ("the last part has no end",)},
    "boundary_missing_in_header": {"text": "Found anyway"},
    "multipart_without_parts": {"text": "There is no such boundary here"},
    "signed_mail": {"text": "I sign what I write"},
    "calendar_invitation": {"text": "Shall we meet?"},
    "base64_with_list_footer": {
        "text": "Écrit par Dana\n_______________________________________________\n\na mailing list footer"
    },
    "format_flowed": {
        "text": "This line goes on in the next one.\n\n-- \nDana",
        "reply_text": "This line goes on in the next one.",
    },
    # HTML
    "html_only": {
        "text": "Hello,\n\n- first\n- second\n\nSee the lamp <https://petit.example/lamp>\nDana",
        "html": (
            "<p>Hello,</p><ul><li>first</li><li>second</li></ul><p>See "
            '<a href="https://petit.example/lamp" rel="noopener noreferrer nofollow">the lamp</a><br>Dana</p>'
        ),
    },
    "html_charset_in_meta": {"text": "Привет"},
    "html_with_traps": {
        "text": "Text\n\nlink",
        "html": '<p style="color:red">Text</p><img><a rel="noopener noreferrer nofollow">link</a>',
        "remote_images": 1,
    },
    # answers
    "reply_gmail_en": {"reply_text": "It still does not work.\n\nDana", "language": "en"},
    "reply_gmail_fr": {"reply_text": "Elle ne marche toujours pas.", "language": "fr"},
    "reply_outlook_en": {"reply_text": "It still does not work.\n\nKind regards\nDana"},
    "reply_outlook_fr": {"reply_text": "Elle ne marche toujours pas.\n\nCordialement"},
    "reply_apple_en": {"reply_text": "It still does not work."},
    "reply_apple_fr": {"reply_text": "Elle ne marche toujours pas."},
    "reply_thunderbird_below": {"reply_text": "I did, and it still does not work."},
    "reply_thunderbird_fr": {"reply_text": "C'est fait, sans succès."},
    "reply_between_the_lines": {
        "reply_text": (
            "Hello Alice,\n\n> Which lamp is it?\n\nThe blue one.\n\n> When did you buy it?\n\nIn March."
        )
    },
    "reply_above_our_marker": {"reply_text": "Thank you, it works now."},
    "reply_html_outlook": {"reply_text": "It still does not work."},
    "reply_html_gmail_fr": {"reply_text": "Elle ne marche pas."},
    "reply_unknown_language": {"reply_text": "Ĝi ne funkcias."},
    # machines and people who look like them
    "auto_out_of_office": {
        "is_auto": True,
        "is_vacation": True,
        "is_bounce": False,
        "auto_reason": "Auto-Submitted: auto-replied",
    },
    "auto_absence_fr": {"is_auto": True, "is_vacation": True},
    "list_discussion": {"is_auto": False, "is_list": True},
    "human_forwards_a_bounce": {"is_auto": False, "is_bounce": False},
    "human_delivery_problem": {"is_auto": False, "is_bounce": False},
    "our_own_mail_comes_back": {"is_auto": True, "auto_reason": "x-tandem-loop: demo.example;1"},
    "bounce_postfix": {"is_auto": True, "is_bounce": True},
    "bounce_delayed": {"is_auto": True, "is_bounce": True},
    "bounce_in_prose": {"is_auto": True, "is_bounce": True},
    "spam_complaint": {"is_auto": True, "is_bounce": False},
    "read_receipt": {"is_auto": True, "is_bounce": False, "is_vacation": False},
    # addresses
    "awkward_addresses": {
        "from_name": "Petit, Dana",
        "to": ("support@demo.example", "x@demo.example"),
        "cc": ("emile@durand.example", "bob@demo.example", "carol@demo.example"),
        "reply_to": ("dana@work.example",),
    },
    "address_in_encoded_word": {"from_addr": "=?utf-8?Q?=40?=@mallory.example"},
    "name_shows_another_address": {
        "from_addr": "mallory@mallory.example",
        "defects": ("the sender's name shows another address",),
    },
}

# name, type, size and whether it belongs into the text
FILES: dict[str, list[tuple[str, str, int, bool]]] = {
    "alternative_with_inline_image": [
        ("image.png", "image/png", 70, True),
        ("invoice.pdf", "application/pdf", 19, False),
    ],
    "mixed_text_html_text": [("lamp.png", "image/png", 70, False)],
    "attached_mail": [("Garantie expirée.eml", "message/rfc822", 144, False)],
    "unclosed_multipart": [("rest.txt", "text/plain", 10, False)],
    "boundary_missing_in_header": [("a.bin", "application/octet-stream", 3, False)],
    "signed_mail": [
        ("notes.txt", "text/plain", 5, False),
        ("signature.asc", "application/pgp-signature", 65, False),
    ],
    "calendar_invitation": [("calendar.ics", "text/calendar", 46, False)],
    "rfc2231_names": [
        ("Facture nº 12.pdf", "application/pdf", 1, False),
        ("Reçu.pdf", "application/pdf", 1, False),
        ("été.pdf", "application/pdf", 1, False),
    ],
    "dangerous_names": [
        ("passwd", "application/octet-stream", 1, False),
        ("invoicefdp.exe", "application/octet-stream", 1, False),
        ("lamp.doc", "application/octet-stream", 1, False),
    ],
    "nameless_parts": [
        ("image.png", "image/png", 70, False),
        ("image-2.png", "image/png", 70, False),
        ("attachment.bin", "application/x-strange", 1, False),
    ],
    "uuencoded": [("old.txt", "application/octet-stream", 11, False)],
    "bounce_postfix": [
        ("delivery-status.txt", "message/delivery-status", 214, False),
        ("Your lamp.eml", "message/rfc822", 98, False),
    ],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_read_as_written(name):
    mail = parse_email(samples.read(name))
    assert {field: getattr(mail, field) for field in SAMPLES[name]} == SAMPLES[name]


@pytest.mark.parametrize("name", FILES)
def test_sample_brings_its_files(name):
    mail = parse_email(samples.read(name))
    assert [(a.filename, a.content_type, a.size, a.inline) for a in mail.attachments] == FILES[name]


def test_every_sample_has_an_expectation():
    assert set(samples.names()) == SAMPLES.keys() | FILES.keys()


def test_attached_mail_comes_out_as_it_went_in():
    raw = samples.read("attached_mail")
    assert parse_email(raw).attachments[0].content in raw


def test_calendar_method_is_told():
    assert parse_email(samples.read("calendar_invitation")).envelope.calendar_method == "REQUEST"


def test_answer_names_the_mails_it_answers():
    mail = parse_email(samples.read("reply_gmail_en"))
    assert mail.in_reply_to == ("answer@demo.example",)
    assert mail.references == ("first@petit.example", "answer@demo.example")
