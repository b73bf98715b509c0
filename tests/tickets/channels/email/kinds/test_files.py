"""Every file of a mail is seen exactly once: in the formatted mail if it is shown there, else in the list."""

import base64
import re

import pytest
from django.urls import reverse

from tests.tickets.channels.email.scene import DANA
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.parsing import parse_email
from tickets.intake import receive

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG, GIF = b"\xff\xd8\xff\xe0" + b"\0" * 20, b"GIF89a" + b"\0" * 20
HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 20
CID = '<img src="cid:p1@x">'


def mail(html, *files):
    """Return a mail with that HTML; a file is content type, name, headers and content."""
    parts = [f"--b\nContent-Type: text/html; charset=utf-8\n\n<p>See</p>{html}\n".encode()]
    for kind, name, headers, content in files:
        lines = [
            "--b",
            f'Content-Type: {kind}; name="{name}"',
            "Content-Transfer-Encoding: base64",
            *headers,
            "",
            "",
        ]
        parts.append("\n".join(lines).encode() + base64.encodebytes(content))
    head = f"From: {DANA}\nTo: support@demo.example\nSubject: Lamp\nMessage-ID: <f@petit.example>\n"
    return f"{head}Content-Type: multipart/related; boundary=b\n\n".encode() + b"".join(parts) + b"--b--\n"


def picture(*headers, kind="image/png", name="photo.png", content=PNG):
    return kind, name, headers, content


ID = "Content-ID: <p1@x>"
SHOWN = {
    "by its id": (CID, picture(ID)),
    "percent": ('<img src="cid:p1%40x">', picture(ID)),
    "percent in the header": (CID, picture("Content-ID: <p1%40x>")),
    "entity": ('<img src="cid:p1&#64;x">', picture(ID)),
    "entity in a name": ('<img src="cid:a&amp;b@x">', picture("Content-ID: <a&b@x>")),
    "spaces around": ('<img src=" cid: p1@x ">', picture("Content-ID:  < p1@x > ")),
    "no angle brackets": (CID, picture("Content-ID: p1@x")),
    "angle brackets in the HTML": ('<img src="cid:&lt;p1@x&gt;">', picture(ID)),
    "folded": (CID, picture("Content-ID:\n <p1@x>")),
    "folded inside": (CID, picture("Content-ID: <p1\n @x>")),
    "encoded word": (CID, picture("Content-ID: =?utf-8?q?=3Cp1=40x=3E?=")),
    "other case": ('<IMG SRC="CID:P1@X">', picture(ID)),
    "no quotes": ("<img src=cid:p1@x>", picture(ID)),
    "bare name": ('<img src="photo.png">', picture("Content-ID: <photo.png>")),
    "the file's name": ('<img src="photo.png">', picture("Content-ID: <other@x>")),
    "the file's name behind cid": ('<img src="cid:photo.png">', picture()),
    "a name with a space": ('<img src="my%20photo.png">', picture(name="my photo.png")),
    "location": ('<img src="pics/lamp.png">', picture("Content-Location: pics/lamp.png", name="x.png")),
    "last of a location": (
        '<img src="lamp.png">',
        picture("Content-Location: file:///tmp/lamp.png", name="x.png"),
    ),
    "disposition attachment": (CID, picture(ID, "Content-Disposition: attachment; filename=photo.png")),
    "image/jpg": (CID, picture(ID, kind="image/jpg", content=JPEG)),
    "image/pjpeg": (CID, picture(ID, kind="image/pjpeg", content=JPEG)),
    "image/x-png": (CID, picture(ID, kind="image/x-png")),
    "image/gif": (CID, picture(ID, kind="image/gif", content=GIF)),
    "no type": (CID, picture(ID, kind="application/octet-stream")),
    "wrong type": (CID, picture(ID, kind="image/jpeg")),
}
LISTED = {
    "not referenced": ("", picture(ID, "Content-Disposition: inline")),
    "another id": ('<img src="cid:p2@x">', picture(ID)),
    "HEIC": (CID, picture(ID, kind="image/heic", name="a.heic", content=HEIC)),
    "HEIC called JPEG": (CID, picture(ID, kind="image/jpeg", name="a.jpg", content=HEIC)),
    "TIFF": (CID, picture(ID, kind="image/tiff", content=b"II*\0" + b"\0" * 20)),
    "SVG": (CID, picture(ID, kind="image/svg+xml", content=b"<svg/>")),
    "too large": (CID, picture(ID, content=PNG + b"\0" * (2 * 1024 * 1024))),
    "PDF": ('<object data="cid:p1@x"></object>', picture(ID, kind="application/pdf", content=b"%PDF-")),
    "PDF as a picture": (CID, picture(ID, kind="application/pdf", name="a.pdf", content=b"%PDF-")),
    "in what is sanitised away": (f"<noscript>{CID}</noscript>", picture(ID)),
    "as a background": ('<table background="cid:p1@x"><tr><td>x</td></tr></table>', picture(ID)),
    "by a style": ('<p style="background:url(cid:p1@x)">x</p>', picture(ID)),
    "in what is hidden": (f'<div style="display:none">{CID}</div>', picture(ID)),
    "of no size": ('<img src="cid:p1@x" width="1" height="1">', picture(ID)),
    "blob": ('<img src="blob:applewebdata://1">', picture(ID)),
    "file": ('<img src="file:///C:/photo.png">', picture(ID)),
    "from elsewhere": ('<img src="https://shop.example/photo.png">', picture(ID)),
    "protocol of the page": ('<img src="//shop.example/photo.png">', picture(ID)),
    "in words": ('<p>src="cid:p1@x"</p>', picture(ID)),
    "in another attribute": ('<img alt=\'a src="cid:p1@x" b\'>', picture(ID)),
}  # fmt: skip


@pytest.mark.parametrize("way", SHOWN)
def test_a_picture_that_is_shown_is_inline(way):
    (file,) = parse_email(mail(*SHOWN[way])).attachments
    assert file.inline


@pytest.mark.parametrize("way", LISTED)
def test_a_file_that_is_not_shown_is_listed(way):
    (file,) = parse_email(mail(*LISTED[way])).attachments
    assert not file.inline


def test_of_two_files_with_one_id_the_second_is_listed():
    files = parse_email(mail(CID, picture(ID), picture(ID, name="b.png"))).attachments
    assert [file.inline for file in files] == [True, False]


def test_pictures_are_shown_up_to_a_size_together():
    two = PNG + b"\0" * (2 * 1024 * 1024 - len(PNG))
    html = "".join(f'<img src="cid:p{number}@x">' for number in range(4))
    pictures = [picture(f"Content-ID: <p{number}@x>", content=two) for number in range(4)]
    assert [file.inline for file in parse_email(mail(html, *pictures)).attachments] == [True] * 3 + [False]


@pytest.mark.parametrize("way", [*SHOWN, *LISTED])
def test_the_page_shows_a_file_in_one_place(way, cast, now, client):
    raw = mail(*(SHOWN | LISTED)[way])
    row, _ = mailroom.accept(raw, recipients=["support@demo.example"], now=now)
    ticket = receive.process(row.pk, now=now).ticket
    client.force_login(cast.alice)
    frame = client.get(reverse("desk:formatted", args=[ticket.pk, 1])).content.decode()
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    in_frame = len(re.findall(r"<img[^>]*\ssrc=\"data:image/", frame))
    listed = page.count('class="attachment"')
    assert (in_frame, listed) == ((1, 0) if way in SHOWN else (0, 1))
