"""The tree of parts: the same as the standard library's where that one is right, bounded where it is not."""

import email
from email import policy

import pytest

from tests.tickets.channels.email import samples
from tickets.channels.email.parsing import limits, parse_email
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.mime import Splitter

# Where the standard library gives up or takes another meaning, on purpose.
DIFFERENT = {
    "base64_with_list_footer",
    "boundary_missing_in_header",
    "carriage_returns_only",
    "header_line_lost_its_indent",
    "junk_before_the_header",
    "mbox_line_first",
    "multipart_without_parts",
    "no_empty_line_before_the_body",
}


def leaves(raw):
    root = Splitter(raw, Decoder(), []).split()
    return [(part.content_type, part.content([]).rstrip()) for part in root.walk() if not part.children]


@pytest.mark.parametrize("name", sorted(set(samples.names()) - DIFFERENT))
def test_parts_are_those_of_the_standard_library(name):
    raw = samples.read(name)
    message = email.message_from_bytes(raw, policy=policy.compat32)
    attached = {
        id(inner)
        for part in message.walk()
        if part.get_content_maintype() == "message"
        for inner in part.walk()
    }
    attached -= {id(part) for part in message.walk() if part.get_content_maintype() == "message"}
    theirs = [p for p in message.walk() if id(p) not in attached and p.get_content_maintype() != "multipart"]
    assert [kind for kind, _ in leaves(raw)] == [part.get_content_type() for part in theirs]
    for (kind, body), part in zip(leaves(raw), theirs, strict=True):
        if not kind.startswith("message/"):
            assert body == bytes(part.get_payload(decode=True)).rstrip()


def nested(depth):
    lines = [b"From: dana@petit.example", b"Content-Type: multipart/mixed; boundary=b0", b""]
    for level in range(depth):
        lines += [b"--b%d" % level, b"Content-Type: multipart/mixed; boundary=b%d" % (level + 1), b""]
    return b"\n".join([*lines, b"--b%d" % depth, b"", b"deep inside"])


def test_deep_nesting_stops_and_keeps_the_rest_as_a_file():
    mail = parse_email(nested(1_000))
    assert "parts nested too deeply: the inner ones are kept as one attachment" in mail.defects
    assert b"deep inside" in mail.attachments[0].content


def test_parts_are_counted():
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5_000
    mail = parse_email(raw)
    assert "too many parts: only the first were read" in mail.defects
    assert mail.text.count("x") == limits.PARTS - 1


def test_large_header_is_read_up_to_its_limit():
    mail = parse_email(b"Subject: Lamp\n" + b"X-Filler: 1234567890\n" * 50_000 + b"\nThe text")
    assert (mail.subject, mail.text) == ("Lamp", "The text")
    assert "header too large: only its beginning was read" in mail.defects


def test_text_of_an_alternative_is_not_shown_twice():
    raw = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\none\n"
        b"--b\nContent-Type: text/html\n\n<p>one</p>\n--b--"
    )
    mail = parse_email(raw)
    assert (mail.text, mail.html) == ("one", "<p>one</p>")


def test_other_forms_of_the_same_words_are_no_attachments():
    raw = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\none\n"
        b"--b\nContent-Type: text/x-amp-html\n\n<p>one</p>\n--b--"
    )
    mail = parse_email(raw)
    assert (mail.text, mail.attachments) == ("one", ())


def test_mail_without_readable_part_shows_its_body():
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b--\n\nThe text came after the end\n"
    mail = parse_email(raw)
    assert "The text came after the end" in mail.text


def test_empty_text_beside_html_is_read_from_the_html():
    raw = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n"
        b"--b\nContent-Type: text/html\n\n<p>one</p>\n--b--"
    )
    assert parse_email(raw).text == "one"


@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", b"YWJj\nZGVm", b"abcdef"),
        ("BASE64 ;", b"YWJj", b"abc"),
        ("base64", b"YWJjZA==YWJj", b"abcdabc"),
        ("base64", b"YWJjZ", b"abc"),
        ("base64", b"YWJjZA== and a note", b"abcd\nand a note\n"),
        ("quoted-printable", b"a=3Db=\nc =zz", b"a=bc =zz"),
        ("quoted-printable", b"a= \nb=\t \r\nc", b"abc"),
        ("7-bit", b"abc", b"abc"),
        ("x-martian", b"abc", b"abc"),
        ("x-uuencode", b"begin 644 a\n#86)C\n`\nend", b"abc"),
    ],
)
def test_transfer_encoding_is_undone(encoding, body, content):
    raw = b"Content-Type: application/x-any\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body
    assert parse_email(raw).attachments[0].content == content
