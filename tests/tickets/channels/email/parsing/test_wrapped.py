"""What other programs wrap: winmail.dat, appointments, signatures, encrypted mails."""

import struct

import pytest

from tickets.channels.email.parsing import parse_email
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.wrapped.tnef import unpack_tnef

HEAD = "From: Dana <dana@petit.example>\nSubject: Lamp\nMIME-Version: 1.0\n"


# ------------------------------------------------------------------ winmail.dat
def attribute(number, data, level=1):
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*values):
    out = struct.pack("<I", len(values))
    for number, kind, data in values:
        out += struct.pack("<HHII", kind, number, 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return out


def winmail(*attributes):
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def file(name, data, **more):
    long_name = properties((0x3707, 0x1F, name.encode("utf-16-le")))
    return (
        attribute(0x00069002, b"\0" * 14, 2)
        + attribute(0x00018010, b"SHORT~1.TXT\0", 2)
        + attribute(0x0006800F, data, 2)
        + attribute(0x00069005, more.get("properties", long_name), 2)
    )


def with_winmail(content, text=""):
    body = f"--b\nContent-Type: text/plain\n\n{text}\n" if text else ""
    head = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{body}"
    part = "--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: 8bit\n\n"
    return head.encode() + part.encode() + content + b"\n--b--\n"


def test_files_come_out_of_winmail_with_their_long_names():
    mail = parse_email(with_winmail(winmail(file("Facture été.txt", b"42 EUR"), file("b.txt", b"B")), "See."))
    assert [(a.filename, a.content) for a in mail.attachments] == [
        ("Facture été.txt", b"42 EUR"),
        ("b.txt", b"B"),
    ]
    assert mail.text == "See."


def test_one_mail_unpacks_a_bounded_number_of_files():
    """A mail of 6 MB came out as 179,000 files, each of which is stored and fsynced."""
    packed = winmail(*[file(f"{number}.txt", b"x") for number in range(150)])
    part = b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: 8bit\n\n"
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    mail = parse_email(head + (part + packed + b"\n") * 20 + b"--b--\n")
    names = [attachment.filename for attachment in mail.attachments]
    assert len(names) == 150 + 19, "the first is unpacked, the others stay as they came"
    assert sum(name.startswith("winmail") for name in names) == 19
    assert "too many files are wrapped in winmail.dat: the rest stays wrapped" in mail.defects


def test_words_come_out_of_winmail_where_the_mail_has_none():
    bodies = properties((0x1013, 0x102, b"<p>Hello <b>there</b></p><script>x</script>"))
    mail = parse_email(with_winmail(winmail(attribute(0x00069003, bodies))))
    assert (mail.text, "<script" in mail.html, "<b>there</b>" in mail.html) == ("Hello there", False, True)


def test_winmail_inside_winmail_is_read():
    inner = winmail(attribute(0x0002800C, b"Inner words\0"), file("deep.txt", b"deep"))
    outer = winmail(file("x", b"", properties=properties((0x3701, 0x0D, b"\0" * 16 + inner))))
    assert {a.content for a in parse_email(with_winmail(outer, "x")).attachments} == {b"Inner words", b"deep"}


@pytest.mark.parametrize(
    "content", [b"", b"not TNEF", struct.pack("<IH", 0x223E9F78, 1), winmail(b"\xff" * 30)]
)
def test_what_cannot_be_unpacked_stays_an_attachment(content):
    (kept,) = parse_email(with_winmail(content, "x")).attachments
    assert kept.filename == "winmail.dat"


def test_a_cut_or_twisted_winmail_never_raises():
    whole = winmail(attribute(0x00069003, properties((0x1000, 0x1E, b"Words"))), file("a.txt", b"A" * 50))
    for place in range(len(whole)):
        unpack_tnef(whole[:place], Decoder())
        unpack_tnef(whole[:place] + b"\xff" + whole[place + 1 :], Decoder())


# ------------------------------------------------------------------ appointments
def invitation(*lines, method="REQUEST"):
    text = "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    )
    head = f"{HEAD}Content-Type: text/calendar; charset=utf-8; method={method}\n\n{text}\n"
    return parse_email(head.encode()).invitations


def test_an_invitation_is_read():
    (told,) = invitation(
        "DTSTART;TZID=Europe/Paris:20261124T100000",
        "DURATION:PT1H30M",
        "SUMMARY:Look at the lamp\\, together",
        "LOCATION:12 rue de la\r\n  Paix",
        'ORGANIZER;CN="Petit: Dana":mailto:dana@petit.example',
        "BEGIN:VALARM",
        "SUMMARY:Wake up",
        "END:VALARM",
    )
    assert (told.starts, told.ends) == ("2026-11-24T09:00:00+00:00", "2026-11-24T10:30:00+00:00")
    assert (told.summary, told.place) == ("Look at the lamp, together", "12 rue de la Paix")
    assert (told.organiser, told.method) == ("dana@petit.example", "REQUEST")


def test_a_whole_day_ends_on_that_day():
    (told,) = invitation("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225", method="CANCEL")
    assert (told.all_day, told.ends, told.method) == (True, "", "CANCEL")


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        ("DTSTART;TZID=Lamp Standard Time:20261124T100000", "Lamp Standard Time"),
        ("DTSTART:20261124T100000", "local time"),
        ("DTSTART;TZID=../../etc/passwd:20261124T100000", "../../etc/passwd"),
    ],
)
def test_a_zone_that_nobody_knows_is_named(start, zone):
    (told,) = invitation(start)
    assert (told.starts, told.zone) == ("2026-11-24T10:00:00+00:00", zone)


@pytest.mark.parametrize(
    "line", ["DTSTART:99999999T999999", "DTSTART:x", "DURATION:P9999W", "", ":", "A" * 9_000]
)
def test_nonsense_in_a_calendar_is_no_moment(line):
    assert [told.starts for told in invitation(line)] == [""]


# ------------------------------------------------------------------ signed, encrypted
def der(tag, content):
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([0x82]) + length.to_bytes(2)
    return bytes([tag]) + size + content


def wrapped(inner, *, pieces=False):
    octets = der(0x24, der(4, inner[:20]) + der(4, inner[20:])) if pieces else der(4, inner)
    content = der(0x30, der(6, bytes.fromhex("2a864886f70d010701")) + der(0xA0, octets))
    signed = der(0x30, der(2, b"\1") + der(0x31, b"") + content)
    return der(0x30, der(6, bytes.fromhex("2a864886f70d010702")) + der(0xA0, signed))


@pytest.mark.parametrize("pieces", [False, True])
def test_words_inside_a_wrapping_signature_are_read_and_the_whole_is_kept(pieces):
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\nMy lamp is broken."
    head = HEAD + "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    mail = parse_email(head.encode() + b"Content-Transfer-Encoding: 8bit\n\n" + wrapped(inner, pieces=pieces))
    assert (mail.text, mail.protection) == ("My lamp is broken.", "signed")
    assert [a.filename for a in mail.attachments] == ["smime.p7m"]


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        (
            "multipart/signed; protocol=application/pgp-signature; boundary=b",
            "--b\n\nHello\n--b--\n",
            "signed",
        ),
        ("multipart/encrypted; boundary=b", "--b\n\nVersion: 1\n--b--\n", "encrypted"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "MIIB", "encrypted"),
        ("text/plain", "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n", "encrypted"),
        ("text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\n\nHello\n", "signed"),
        ("text/plain", "I wrote BEGIN PGP MESSAGE once.", ""),
    ],
)
def test_protection_is_named(content_type, body, said):
    mail = parse_email(f"{HEAD}Content-Type: {content_type}\n\n{body}".encode())
    assert mail.protection == said
