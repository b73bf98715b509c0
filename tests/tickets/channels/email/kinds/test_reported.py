"""Small mails after public fault reports, read in place where they lie beside this checkout."""

from pathlib import Path
from typing import Any

import pytest

from tickets.channels.email.parsing import parse_email

REPORTED = Path(__file__).parents[6] / "shared" / "corpora" / "email" / "reported"

pytestmark = pytest.mark.skipif(
    not REPORTED.is_dir(), reason="The collection of reported mails is not on this machine."
)

IT_FAILS = {"reply_text": "It still does not work."}
ELLE_ECHOUE = {"reply_text": "Elle ne marche toujours pas."}
PERSON = {"is_auto": False, "is_bounce": False}
FOUR_O_CLOCK = {"starts": "2027-05-03T14:00:00+00:00"}

RIGHT: dict[str, dict[str, Any]] = {
    # files: shown in the text or listed, (name, shown in place)
    "pic_unreferenced_with_id": {"files": [("Screenshot.png", False)]},
    "pic_big_inline": {"files": [("IMG_1.png", False)]},
    "pic_heic_inline": {"files": [("IMG_1.heic", False)]},
    "pic_jpg_alias": {"files": [("image001.jpg", True)]},
    "pdf_object_cid": {"files": [("Invoice.pdf", False)]},
    "pic_percent": {"files": [("photo.png", True)]},
    "pic_octet_inline": {"files": [("image001.png", True)]},
    "pic_bare_name": {"files": [("photo.png", True)]},
    "img_content_location": {"files": [("lamp.png", True)]},
    "a03_apple_blob_images": {"files": [("one.png", False), ("two.png", False), ("three.png", False)]},
    # people
    "human_x_auto_response_suppress": PERSON,
    "human_ooo_does_not_work": PERSON,
    "human_reponse_automatique_fr": PERSON,
    "human_mail_delivery_failed_outlook": PERSON,
    "human_mail_sending_fr": PERSON,
    "human_bounce_castle": PERSON,
    "human_precedence_bulk": PERSON,
    "human_auto_gearbox": PERSON,
    "human_postmaster": PERSON,
    # machines
    "a08_mdn": {"is_auto": True, "is_bounce": False},
    "a09_dsn_delay": {"is_auto": True},
    "c14_ooo_noheaders": {"is_auto": True, "is_vacation": True},
    # which part is the body
    "related_root_not_first": {"text": "Where is my lamp?", "files": [("image.png", True)]},
    "footer_part_hides_html": {"text": "Where is my lamp?\n\nThis mail was checked for viruses."},
    "placeholder_text_part": {"text": "Where is my lamp?"},
    "named_alternative_parts": {"html": "<p>Where is my <b>lamp</b>?</p>", "files": []},
    "sole_text_part_attachment_disposition": {"text": "Where is my lamp?"},
    "text_only_nbsp_zwsp": {"text": "Where is my lamp?"},
    "tnef_rtf_only": {"text": "Where is my lamp?"},
    "multipart_base64_whole": {"text": "Where is my lamp?"},
    # old mail
    "en_samsung_one_line": IT_FAILS,
    "en_yahoo_mobile_inline_body": IT_FAILS,
    "fr_k9_title_alone": ELLE_ECHOUE,
    "fr_k9_courriel_dorigine": ELLE_ECHOUE,
    "fr_provenance_courrier": ELLE_ECHOUE,
    "fr_laposte_message_du_noquote": ELLE_ECHOUE,
    "fr_narrow_nbsp_labels": ELLE_ECHOUE,
    "fr_decomposed_a_ecrit": ELLE_ECHOUE,
    "fr_redmi": ELLE_ECHOUE,
    "he_rtl_quote": {"reply_text": "זה עדיין לא עובד."},
    "html_yahoo_ydp_unknown_language": {"reply_text": "Nid yw'n gweithio."},
    "b01_gmail_fr": {"reply_text": "Bonjour, oui samedi me convient."},
    "blockquote_as_layout": {
        "reply_text": "I followed the manual and this fails\n\n> Step 3: turn the foot"
    },
    "b07_from_in_text": {
        "reply_text": (
            "Hello,\nthe parcel came\nFrom: the wrong warehouse\nSent: last Friday\nand nobody told me. On "
            "Monday I wrote: nothing happened.\nWhat now?"
        )
    },
    # letters
    "zwj_emoji": {"reply_text": "Merci 👩\u200d💻 et 👨\u200d👩\u200d👧 !"},
    "zwnj_persian_name": {"from_name": "علی\u200cرضا"},
    # addresses
    "addr_docomo": {"from_addr": "dana..petit.@docomo.example"},
    "addr_no_tld": {"from_addr": "root@server1"},
    "addr_utf8_local": {"from_addr": "émile@exemple.example"},
    "addr_no_domain_cron": {"from_addr": "", "from_name": "root (Cron Daemon)"},
    # ids
    "irt_encoded_word": {"in_reply_to": ("t.abc@demo.example",), "references": ("t.abc@demo.example",)},
    "irt_folded_inside": {"in_reply_to": (f"t.{'a' * 58}bbbb@demo.example",)},
    # charsets
    "cp_850_dash": {"text": "Lampe cassée"},
    "windows874": {"text": "สวัสดีครับ โคมไฟเสีย"},
    "iso8859_8_i_windows1255": {"text": "שלום, המנורה ₪ – שבורה"},
    "x_windows_949": {"text": "안녕하세요 램프가"},
    "cesu8_emoji": {"text": "Merci 😀 !"},
    # appointments
    "ics_windows_zone": FOUR_O_CLOCK,
    "ics_custom_zone": FOUR_O_CLOCK,
    "ics_octet_stream": FOUR_O_CLOCK,
    "c12_cal_reply": {"answers": [("nora@field.example", "ACCEPTED")]},
    # small
    "qp_soft_break_trailing_space": {
        "text": "Ma lampe est cassée et je voudrais savoir quand vous pourrez la réparer."
    },
    "html_preheader_hidden": {"text": "Where is my lamp?"},
    "subject_space_inside_encoded_word": {"subject": "Lampe cassée"},
    "filename_percent_plain": {"files": [("Devis été.pdf", False)]},
}  # fmt: skip


def value_of(mail, field):
    if field == "files":
        return [(file.filename, file.inline) for file in mail.attachments]
    if field == "starts":
        return mail.invitations[0].starts if mail.invitations else ""
    if field == "answers":
        return [(one.attendee, one.answer) for one in mail.invitations]
    return getattr(mail, field)


@pytest.mark.parametrize("name", RIGHT)
def test_a_reported_mail_is_read_right(name):
    mail = parse_email((REPORTED / f"{name}.eml").read_bytes())
    assert {field: value_of(mail, field) for field in RIGHT[name]} == RIGHT[name]
