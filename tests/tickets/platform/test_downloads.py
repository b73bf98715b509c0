"""Whatever the name and type of a file, a browser saves it and never executes or shows it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import make
from tickets.channels.chat import conversation
from tickets.customers import links
from tickets.models import Attachment, ChatSession, Message
from tickets.platform import downloads, files

BAD_NAMES = (
    "a.html", "a.svg", ".htaccess", "..", "../../etc/passwd", "..\\..\\boot.ini", "", " ",
    "a\r\nSet-Cookie: x=1", 'a"; filename="b.html', "\u202egnp.exe", ".hta\u200bccess", "é" * 300, "a;b=c",
    "\x00", "CON", "名前.pdf",
)  # fmt: skip
BAD_TYPES = ("text/html", "image/svg+xml", "text/html\r\nX: y", "", "application/xhtml+xml", "*/*", "x" * 300)
HEADERS = {
    "Content-Type": "application/octet-stream",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def key() -> str:
    return files.store_file(b"<script>alert(1)</script>").key


def is_harmless(response) -> None:
    """Assert that a browser can only save the answer."""
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].replace(" ", "").split(","))
    disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment" or disposition.startswith("attachment;")
    assert not any(sign in disposition for sign in "\r\n\x00\u202e\u200b")


@given(
    name=st.text(max_size=300) | st.sampled_from(BAD_NAMES),
    kind=st.text(max_size=120) | st.sampled_from(BAD_TYPES),
)
@example(name="a\r\nContent-Type: text/html\r\n\r\n<script>", kind="text/html\r\nX: y")
def test_headers_are_fixed_for_any_name_and_type(key, name, kind):
    is_harmless(downloads.build_download(Attachment(name=name, content_type=kind, key=key, size=25)))


@given(name=st.text(max_size=400) | st.sampled_from(BAD_NAMES))
def test_a_kept_name_is_a_plain_name(name):
    kept = files.clean_name(name)
    assert 0 < len(kept) <= 200
    assert not set(kept) & set("/\\\r\n\x00\u200b\u202e")
    assert not kept.startswith(".")


def test_a_key_owes_nothing_to_the_files_name():
    first, second = files.store_file(b"x"), files.store_file(b"x")
    assert first.key != second.key
    assert all(len(stored.key) == 34 for stored in (first, second))


@pytest.fixture
def doors(cast, now, client, key):
    """Return every URL under which a file with this name and type can be fetched."""

    def made(name: str, kind: str) -> list[str]:
        ticket = make.ticket(cast.web, cast.dana, now=now)
        said = ticket.messages.get()
        file = Attachment.objects.create(
            message=said,
            name=name[:255],
            content_type=kind[:120],
            size=25,
            key=key,
            sha256="",
            created_at=now,
        )
        client.get(urlsplit(links.make_request_url(ticket.participants.get(), now=now)).path)
        page = f"/requests/{ticket.public_id}/files/{file.public_id}/"
        return [f"/admin/desk/file/{file.public_id}/", page, _chat_file(cast, file, now)]

    client.force_login(cast.alice)
    return made


def _chat_file(cast, file: Attachment, now) -> str:
    ticket = make.ticket(cast.web, cast.dana, now=now)
    type(ticket).objects.filter(pk=ticket.pk).update(channel=cast.chat)
    said = Message.objects.create(
        ticket=ticket, seq=9, kind="out", channel_slug="chat", text="x", created_at=now
    )
    copy = Attachment.objects.create(
        message=said, name=file.name, content_type=file.content_type, size=25, key=file.key, sha256="",
        created_at=now,
    )  # fmt: skip
    session = ChatSession.objects.create(
        channel=cast.chat, token_digest=file.public_id, ticket=ticket, opened_at=now, last_seen_at=now
    )
    query = conversation.sign_file_query(session.pk, copy.public_id, until=99_999_999_999)
    return f"/channels/chat/{cast.chat.key}/files/{copy.public_id}/?{query}"


@pytest.mark.parametrize("name", [name for name in BAD_NAMES if "\x00" not in name])
def test_every_door_gives_it_as_a_download(doors, client, name):
    for address in doors(name, "text/html"):
        response = client.get(address)
        assert response.status_code == 200, address
        is_harmless(response)


def test_nothing_uploaded_lies_where_static_files_are_served(settings):
    assert settings.STATIC_ROOT not in [settings.MEDIA_ROOT, *settings.MEDIA_ROOT.parents]
    assert settings.MEDIA_ROOT not in settings.STATIC_ROOT.parents
    assert settings.MEDIA_URL in ("", "/")
