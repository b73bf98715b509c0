"""Whatever the bytes, a mail comes back that can be stored and sent on."""

import json
import os
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plugins.corpora import CORPORA
from tests.tickets.channels.email import samples
from tickets.channels.email.inbound.wire import pack, unpack
from tickets.channels.email.parsing import identify, parse_email, sanitise
from tickets.channels.email.parsing.digests import normalise_line_ends
from tickets.channels.email.parsing.html.sanitise import HtmlRefused
from tickets.channels.email.parsing.parse import _parse
from tickets.channels.email.reply import extract_new_text

OWN = [samples.read(name) for name in samples.names()]
# Other projects' mails where they lie beside this checkout, read in place; the largest only slow the search.
OTHERS = [path.read_bytes() for path in sorted(CORPORA.glob("*/raw/*")) if path.stat().st_size < 60_000]
SAMPLES = OWN + OTHERS
SLOWEST_SECONDS = 2.0
PIECES = [
    b"=?utf-8?B?", b"?=", b"\r\n\r\n", b"\n", b"\r", b"--", b"--b--", b"\x00", b"<", b">", b"%", b"; name*=",
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Transfer-Encoding: base64\n", b'"', b"(", b",",
    b"Content-Type: text/html\n", b"From: ", b"\xff\xfe", b"\xed\xa0\x80", b"&#xD800;", b"+2AA-", b"> ",
    b"-- \n", b"begin 644 a\n", b"On 1.1.2020 10:00 a@b.example wrote:\n",
    b"Final-Recipient: rfc822;a@b.example\n",
    b"\x1b$B", b"<blockquote>", b"<p style='",
]  # fmt: skip


def check(raw):
    """Read a mail without the net that catches faults of ours, and take it through all it must survive."""
    mail = _parse(normalise_line_ends(raw), [])
    shown = json.dumps(mail.to_dict(), ensure_ascii=False).encode()
    assert b"\\u0000" not in shown
    data, contents = pack(mail)
    assert unpack(data, memoryview(b"".join(contents))) == mail
    assert identify(raw).message_id == mail.message_id
    assert len(mail.reply_text) <= len(mail.text)


def mutated(seed):
    """Return a sample changed in a way that depends on the seed alone."""
    chance = random.Random(seed)
    raw = bytearray(chance.choice(SAMPLES))
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(len(raw) + 1)
        end = min(len(raw), place + chance.randrange(300))
        match chance.randrange(8):
            case 0:
                del raw[place:]
            case 1:
                old, new = chance.choice(
                    ((b"\r\n", b"\n"), (b"\n", b"\r"), (b"\n", b"\r\n"), (b"\n", b"\n\n"))
                )
                raw = raw.replace(old, new)
            case 2 if place < len(raw):
                raw[place] = chance.randrange(256)
            case 3:
                del raw[place:end]
            case 4:
                raw[place:place] = raw[place:end] * chance.randrange(1, 5)
            case 5:
                raw[place:place] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 20)))
            case 6:
                raw[place:place] = chance.choice(PIECES)
            case _:
                raw[place:place] = chance.choice(SAMPLES)[-2_000:]
    return bytes(raw)


@pytest.mark.fuzz
def test_mutated_mails_are_read():
    for seed in range(int(os.environ.get("TANDEM_FUZZ_CASES", "1000"))):
        started = time.process_time()
        try:
            check(mutated(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
        assert time.process_time() - started < SLOWEST_SECONDS, f"seed {seed}"


@pytest.mark.fuzz
@pytest.mark.parametrize("way", range(3))
def test_every_mail_cut_short_with_other_line_ends_and_a_turned_byte_is_read(way):
    for number, whole in enumerate(SAMPLES):
        chance = random.Random(number)
        place = chance.randrange(len(whole) + 1)
        if way == 0:
            check(whole[:place])
        elif way == 1:
            check(whole.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r"))))
        elif place < len(whole):
            check(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])


bytes_of_mails = st.one_of(
    st.binary(max_size=2_000),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=60).map(b"".join),
)


@pytest.mark.fuzz
@given(bytes_of_mails)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_arbitrary_bytes_are_read(raw):
    check(raw)


@pytest.mark.fuzz
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30).map(str.encode)), max_size=40))
@settings(deadline=None)
def test_new_text_is_part_of_the_text(pieces):
    text = b"".join(pieces).decode("utf-8", "replace")
    lines = {line.strip() for line in text.split("\n")}
    assert {line.strip() for line in extract_new_text(text).split("\n")} <= lines | {""} | {
        line.strip() for line in extract_new_text(text, is_reply=False).split("\n")
    }


@pytest.mark.fuzz
@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_html_is_cleaned_or_refused(html):
    try:
        clean = sanitise(html)
    except HtmlRefused:
        return
    assert "<script" not in clean.lower()


def test_fault_of_ours_still_gives_a_mail(monkeypatch):
    monkeypatch.setattr("tickets.channels.email.parsing.parse.choose_bodies", lambda root: 1 / 0)
    mail = parse_email(b"From: dana@petit.example\n\nThe text")
    assert mail.text == "From: dana@petit.example\n\nThe text"
    assert mail.defects == ("could not be read: ZeroDivisionError: division by zero",)
