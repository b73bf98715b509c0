"""Mails built to be slow, deep or large: each is read before the sandbox's time is up."""

import pytest

from tickets.channels.email.reading.sandbox import parse_in_sandbox

HEADER = (
    b"From: Dana <dana@petit.example>\nTo: support@demo.example\n"
    b"Subject: Re: Lamp\nIn-Reply-To: <a@demo.example>\n"
)


def text(body):
    return HEADER + b"Content-Type: text/plain; charset=utf-8\n\n" + body


def html(body):
    return HEADER + b"Content-Type: text/html; charset=utf-8\n\n" + body


def multipart(body):
    return HEADER + b"Content-Type: multipart/mixed; boundary=b\n\n" + body


def encoded(name, body):
    return HEADER + b"Content-Transfer-Encoding: " + name + b"\n\n" + body


def nested(depth):
    levels = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (level, level + 1)
        for level in range(depth)
    )
    return HEADER + b"Content-Type: multipart/mixed; boundary=b0\n\n" + levels + b"--b%d\n\nx\n" % depth


ATTACKS = {
    "a parameter without value": HEADER + b"Content-Type: text/plain; name*\n\nx",
    "comments instead of addresses": b"From: (c):\nTo: (c):\nCc: (x): a@b.example;\n\nx",
    "20,000 open brackets": b"From: " + b"(" * 20_000 + b"\n\nx",
    "open quotes": b"From: " + b'"\\"' * 60_000 + b"\n\nx",
    "40,000 recipients": b"From: a@b.example\nTo: "
    + b", ".join(b"u%d@b.example" % n for n in range(40_000))
    + b"\n\nx",
    "300 levels": nested(300),
    "20,000 levels": nested(20_000),
    "200,000 parts": multipart(b"--b\n\nx\n" * 200_000),
    "one boundary at every level": multipart(b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000),
    "900 attached mails": multipart(
        (b"--b\nContent-Type: message/rfc822\n\n" + b"A: b\n" * 500 + b"\n") * 900
    ),
    "100,000 fields": b"A: b\n" * 100_000 + b"\nx",
    "100,000 continuation lines": b"Subject: x\n" + b" a\n" * 100_000 + b"\nx",
    "100,000 stray lines": b"Subject: x\n" + b"a\n" * 100_000 + b"From: a@b.example\n\nx",
    "encoded words": b"From: a@b.example\nSubject: " + b"=?utf-8?q?a?= " * 18_000 + b"\n\nx",
    "half encoded words": b"From: a@b.example\nSubject: " + b"=?x?q?" * 40_000 + b"\n\nx",
    "semicolons": HEADER + b"Content-Type: text/plain" + b";" * 200_000 + b"\n\nx",
    "spaces in a parameter": HEADER + b"Content-Type: text/plain;" + b" " * 200_000 + b"\n\nx",
    "references": HEADER + b"References: " + b"<a@b> " * 40_000 + b"\n\nx",
    "empty lines": text(b"\n" * 500_000),
    "spaces": text(b" " * 500_000),
    "introductions": text(b"On Monday I went\n" * 25_000),
    "more introductions": text(b"On 1 a@b.example 10:30 wrote:\n" * 15_000),
    "header lines": text(b"From:\n" * 80_000),
    "quote marks": text(b">" * 500_000),
    "stars": text((b"*" * 199 + b"\n") * 2_500),
    "rules": text(b"--\n" * 160_000),
    "device lines": text((b"Sent " + b" " * 180 + b"\n") * 2_500),
    "100,000 open divisions": html(b"<div>" * 100_000),
    "divisions opened and closed": html((b"<div>" * 900 + b"</div>" * 900) * 150),
    "fonts": html(b"".join(b"<font x=%d>" % n for n in range(900)) + b"<p>" * 200_000),
    "open quotes in tags": html(b"<p a='" * 200_000),
    "images": html(b"<img " * 300_000),
    "comments": html(b"<!--" * 400_000),
    "angle brackets": html(b"<" * 1_500_000),
    "entities": html(b"&" * 1_500_000),
    "breaks in a table": html(b"<table>" + b"<br>" * 200_000),
    "quotes in quotes": html(b"<blockquote>" * 100_000 + b"x"),
    "10 MB of HTML": html(b"<p>x</p>" * 1_250_000),
    "broken base64": encoded(b"base64", b"A=\n" * 700_000),
    "broken base64 in every part": multipart(
        (b"--b\nContent-Transfer-Encoding: base64\n\n" + b"A=\n" * 5_000) * 900
    ),
    "equals signs": encoded(b"quoted-printable", b"=" * 1_500_000),
    "uuencoded lines": encoded(b"x-uuencode", b"begin 644 a\n" + b"M\n" * 500_000),
    "a charset that is slow": HEADER + b"Content-Type: text/plain; charset=idna\n\n" + b"xn--a" * 40_000,
    "no charset in any part": multipart((b"--b\n\n" + bytes(range(128, 256)) * 10 + b"\n") * 900),
    "delivery reports": b"From: mailer-daemon@b.example\n"
    + multipart(
        (b"--b\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822;a@b.example\n\n" * 300)
        * 300
    ),
    "addresses in a report": b"From: mailer-daemon@b.example\nSubject: Undelivered\n\n"
    + b"a@b.example " * 5_000,
    "soft line breaks": HEADER + b"Content-Type: text/plain; format=flowed\n\n" + b"x \n" * 500_000,
    "NUL": text(b"\x00" * 1_000_000),
    "nothing": b"",
    "10 MB of nothing": b"\n" * 10_000_000,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_read(name):
    mail = parse_in_sandbox(ATTACKS[name])
    assert not [defect for defect in mail.defects if defect.startswith("could not be read")]
    assert len(mail.to) <= 500
    assert len(mail.attachments) <= 1_000
