"""What is read in a notice, and that no word of a person makes one of their mail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.channels.email.kinds.look_alikes import PEOPLE
from tests.tickets.channels.email.kinds.notices import NOTICES, receipt, report, written
from tickets.channels.email.inbound.wire import pack, unpack
from tickets.channels.email.parsing import parse_email
from tickets.channels.email.parsing.notices.absence import quote_absence, read_absence

DAYS = [
    ("I will be back on 4 December.", ("back", "12-04")),
    ("I'll be back in the office on Monday, December 4th, 2026.", ("back", "2026-12-04")),
    ("Returning on the 4th of December.", ("back", "12-04")),
    ("Je serai de retour le 4 décembre.", ("back", "12-04")),
    ("Je serai de retour au bureau le lundi 1er décembre 2026.", ("back", "2026-12-01")),
    ("I am away until 4 December.", ("until", "12-04")),
    ("Je suis absente jusqu'au 4 décembre inclus.", ("until", "12-04")),
    ("Ich bin im Urlaub, abwesend bis zum 4. Dezember.", ("until", "12-04")),
    ("I am out of the office until 3 December and back on 4 December.", ("until", "12-03")),
    # nothing is guessed
    ("I will not be back on 4 December.", ("", "")),
    ("Je ne serai pas de retour le 4 décembre.", ("", "")),
    ("I am away until 31 February.", ("", "")),
    ("I am away until Friday.", ("", "")),
    ("I am away until 04/12/2026.", ("", "")),
    ("I am back on 4 December. Back on 5 December.", ("", "")),
    ("The shop is open until 4 December. I am away.", ("", "")),
    ("You get your money back on 4 December.", ("", "")),
    ("I am away until 3 May, and then until 8 May.", ("", "")),
]


@pytest.mark.parametrize(("text", "found"), DAYS)
def test_the_day_of_an_absence_is_the_one_that_is_said(text, found):
    assert read_absence(text) == found


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (
            "Hello,\n\nThank you for your mail. I am out of the office until Friday.\n\nNora",
            "I am out of the office until Friday.",
        ),
        ("Bonjour,\nJe reviens lundi.", "Je reviens lundi."),
        ("I am away. " + "x" * 400, "I am away."),
        ("", ""),
    ],
)
def test_the_sentence_that_tells_of_it_is_quoted(text, quote):
    assert quote_absence(text) == quote


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_goes_through_the_sandbox_unchanged(name):
    mail = parse_email(NOTICES[name][1])
    data, contents = pack(mail)
    assert unpack(data, memoryview(b"".join(contents))) == mail
    assert mail.is_auto
    assert mail.wants_no_answer


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (receipt(), "displayed"),
        (receipt("displayed/error"), "displayed"),
        (receipt("deleted"), "deleted"),
        (receipt("nonsense"), ""),
        (receipt(action="automatic-action/MDN-sent-automatically"), "processed"),
        (report("relayed", status="2.0.0"), "relayed"),
        (report("delayed"), "delayed"),
    ],
)
def test_it_says_what_the_machine_said(raw, what):
    assert parse_email(raw).notice.what == what


def test_a_delay_says_until_when_and_whom():
    notice = parse_email(report("delayed")).notice
    assert (notice.date, notice.addresses) == ("2026-12-02T08:00:00+00:00", ("nora@field.example",))


@pytest.mark.parametrize("name", PEOPLE)
def test_what_only_looks_alike_is_no_notice(name):
    assert parse_email(PEOPLE[name]).notice is None


PERSONS = [
    "Dana Petit <dana@petit.example>",
    "émile@durand.example",
    "postmaster@petit.example",
    "info@bounce.example",
]
SUBJECTS = [
    "Lamp",
    "Re: Lamp",
    "Read: Lamp",
    "Out of office",
    "Automatic reply",
    "Accepted: Lamp",
    "Delayed",
    "Digest, Vol 3",
    "Absence du bureau",
    "Réponse automatique",
    "Delivery Status Notification (Delay)",
    "confirm 3f6b8d1c2a",
    "Subscription",
]
SAID = [
    "Where is my order?",
    "Please deliver on Tuesday.",
    "I am away on Monday. Could you call?",
    "Pouvez-vous m'aider ?",
    "My mails to you come back: user unknown. What now?",
    "Merci de livrer mardi, je suis absente lundi.",
    "I accepted your offer, please send the invoice.",
    "When does my subscription end?",
    "It does not work.",
]
HEADERS = [
    {},
    {"X-Auto-Response-Suppress": "All"},
    {"Precedence": "bulk"},
    {"Precedence": "list", "List-Id": "<u.lists.example>"},
    {
        "List-Post": "<mailto:u@lists.example>",
        "List-Id": "<u.lists.example>",
        "List-Unsubscribe": "<mailto:x@lists.example>",
    },
    {"User-Agent": "Mozilla Thunderbird"},
    {"In-Reply-To": "<t.a@demo.example>"},
    {"Auto-Submitted": "no"},
    {"X-Loop": "u@lists.example"},
    {"Disposition-Notification-To": "dana@petit.example"},
    {"Feedback-ID": "1:2:3"},
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PERSONS),
    st.sampled_from(SUBJECTS),
    st.lists(st.sampled_from(SAID), min_size=1, max_size=3),
    st.lists(st.sampled_from(HEADERS), max_size=3),
    st.sampled_from(["", "Fwd: ", "TR : ", "Re: "]),
)
def test_no_mail_of_a_person_is_a_notice(sender, subject, said, headers, before):
    fields = {name.replace("-", "_"): value for one in headers for name, value in one.items()}
    mail = parse_email(written(before + subject, " ".join(said), sender=sender, **fields))
    assert mail.notice is None
    assert not mail.is_auto or sender.startswith("postmaster")  # whose subject and words a report's may be


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(NOTICES)))
def test_no_byte_breaks_the_reading_of_a_notice(noise, name):
    raw = NOTICES[name][1]
    middle = len(raw) // 2
    mail = parse_email(raw[:middle] + noise + raw[middle:])
    assert not any("could not be read: " in defect for defect in mail.defects)
