"""Files and formatted mails: downloads and closed documents only, the right to them checked each time."""

import base64

import pytest
from django.urls import reverse

from tests import make
from tickets.models import Attachment, Draft, Message
from tickets.platform import files

PIXEL = base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


def attachment(ticket, now, name="evil.html", content_type="text/html", data=b"<script>x</script>", **fields):
    stored = files.store_file(data)
    fields.setdefault("message", ticket.messages.get())
    return Attachment.objects.create(
        name=name, content_type=content_type, size=stored.size, key=stored.key, sha256=stored.sha256,
        created_at=now, **fields,
    )  # fmt: skip


def formatted(client, ticket, html):
    Message.objects.filter(ticket=ticket).update(html_safe=html)
    return client.get(reverse("desk:formatted", args=[ticket.pk, 1]))


def test_a_file_is_a_download_that_can_do_nothing(cast, now, signed_in, ticket):
    file = attachment(ticket, now, name='é "quote".html')
    response = signed_in("alice").get(reverse("desk:file", args=[file.public_id]))
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert response.content == b"<script>x</script>"


def test_a_file_of_another_queue_does_not_exist(cast, now, signed_in, ticket, client):
    address = reverse("desk:file", args=[attachment(ticket, now).public_id])
    assert signed_in("mallory").get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_a_file_of_a_draft_is_the_writers_alone(cast, now, signed_in, ticket):
    draft = Draft.objects.create(ticket=ticket, user=cast.alice, updated_at=now)
    address = reverse("desk:file", args=[attachment(ticket, now, message=None, draft=draft).public_id])
    assert signed_in("alice").get(address).status_code == 200
    assert signed_in("bob").get(address).status_code == 404


def test_a_file_that_is_lost_is_said_to_be_lost(cast, now, signed_in, ticket):
    file = attachment(ticket, now)
    Attachment.objects.filter(pk=file.pk).update(key="00/00/none")
    response = signed_in("alice").get(reverse("desk:file", args=[file.public_id]))
    assert response.status_code == 404
    assert "not in the store" in response.content.decode()


def test_a_formatted_mail_is_a_closed_document(cast, signed_in, ticket):
    response = formatted(signed_in("alice"), ticket, "<p>Hello</p>")
    assert response["Content-Security-Policy"] == (
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Cache-Control"] == "no-store"
    assert b"<p>Hello</p>" in response.content


def test_a_formatted_mail_is_seen_by_its_queue_alone(cast, signed_in, ticket):
    assert formatted(signed_in("mallory"), ticket, "<p>Hello</p>").status_code == 404


def test_pictures_sent_along_are_shown_in_their_place(cast, now, signed_in, ticket):
    attachment(ticket, now, "a.gif", "image/gif", PIXEL, content_id="<logo@x>", is_inline=True)
    text = formatted(
        signed_in("alice"), ticket, '<img src="cid:logo@x"><img src="cid:gone@x">'
    ).content.decode()
    assert f'<img src="data:image/gif;base64,{base64.b64encode(PIXEL).decode()}">' in text
    assert "cid:" not in text


def test_only_pictures_become_pictures(cast, now, signed_in, ticket):
    attachment(ticket, now, "a.svg", "image/svg+xml", b"<svg/>", content_id="logo@x", is_inline=True)
    assert b"data:" not in formatted(signed_in("alice"), ticket, '<img src="cid:logo@x">').content
