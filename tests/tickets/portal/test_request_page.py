"""A customer's own page: exchanged link, what is shown and what never is, a word back."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import make
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import links
from tickets.models import AccessLink, Attachment, Inbound, Message, Participant, Ticket
from tickets.platform import files


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


@pytest.fixture
def visitor(ticket, now):
    """Dana's browser, which has followed her link."""
    browser = Client()
    browser.get(link_of(ticket, now))
    return browser


def link_of(ticket, now):
    return links.make_request_url(ticket.participants.get(), now=now).removeprefix("http://127.0.0.1:8000")


def page(ticket):
    return reverse("portal:request_page", args=[ticket.public_id])


def send(visitor, ticket, text="Any news?", token="page-token-number-1", **more):
    return visitor.post(page(ticket), {"text": text, "token": token, **more})


def attach(message, name="plan.pdf"):
    stored = files.store_file(b"<script>alert(1)</script>")
    return Attachment.objects.create(
        message=message, name=name, content_type="text/html", size=stored.size, key=stored.key,
        sha256=stored.sha256, created_at=message.created_at,
    )  # fmt: skip


def test_link_is_exchanged_for_a_cookie_and_a_plain_address(ticket, client, now):
    response = client.get(link_of(ticket, now))
    cookie = response.cookies["request"]
    assert (response.status_code, response.url) == (302, page(ticket))
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", page(ticket))
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("token", ["x", "a" * 40, "../../etc", "%00"])
def test_forged_link_gives_a_friendly_page(cast, client, token):
    response = client.get(f"/r/{token}/")
    if token == "../../etc":  # the address itself is normalised away
        return
    assert response.status_code == 404
    assert "Send me a new link" in response.text
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_expired_link_gives_the_way_to_a_new_one(ticket, client, now):
    address = link_of(ticket, now)
    AccessLink.objects.update(expires_at=now)
    response = client.get(address)
    assert response.status_code == 404
    assert "Send me a new link" in response.text


def test_trying_many_links_is_slowed_down(cast, client):
    answers = [client.get(f"/r/{'a' * 39}{n % 10}{n}/").status_code for n in range(31)]
    assert answers[-1] == 429


def test_an_ipv6_subscriber_is_slowed_down_as_one(cast, client):
    answers = [
        client.get(f"/r/{'a' * 39}{n % 10}{n}/", REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code
        for n in range(31)
    ]
    assert answers[-1] == 429


def test_revoked_link_ends_open_browsers_too(ticket, visitor, now):
    address = link_of(ticket, now)
    links.revoke_links(ticket.participants.get(), now=now)
    assert visitor.get(page(ticket)).status_code == 404
    assert visitor.get(address).status_code == 404


def test_link_of_a_refused_participant_leads_nowhere(ticket, client, now):
    address = link_of(ticket, now)
    ticket.participants.update(state=Participant.State.REFUSED)
    assert client.get(address).status_code == 404


def test_spam_has_no_page(cast, ticket, visitor, now):
    ticket.mark_spam(by=cast.acting("alice"), now=now)
    assert visitor.get(page(ticket)).status_code == 404


def test_without_the_cookie_a_real_and_an_invented_request_look_the_same(ticket, client):
    real, invented = client.get(page(ticket)), client.get("/requests/" + "a" * 14 + "/")
    assert real.status_code == invented.status_code == 404
    strip = lambda r: r.text.replace(ticket.public_id, "").replace("a" * 14, "")  # noqa: E731
    assert len(strip(real)) == len(strip(invented))


def test_cookie_of_one_request_opens_no_other(cast, ticket, visitor):
    other = make.ticket(cast.web, cast.dana, subject="Another matter")
    visitor.cookies["request"]["path"] = "/"
    assert visitor.get(page(other)).status_code == 404


def test_forged_cookie_opens_nothing(ticket, client):
    client.cookies["request"] = "MQ:1abc:forged"
    assert client.get(page(ticket)).status_code == 404


def test_page_shows_the_conversation_and_who_answers(cast, ticket, visitor, now):
    replies.reply(ticket, Words("We send a new one."), by=cast.acting("alice"), now=now)
    text = visitor.get(page(ticket)).text
    assert "My lamp arrived broken." in text
    assert "We send a new one." in text
    assert "<b>Alice</b>" in text
    assert "are waiting for your reply" in text


def test_page_shows_no_note_and_nothing_held(cast, ticket, visitor, now):
    replies.note(ticket, Words("CANARY-NOTE"), by=cast.acting("alice"), now=now)
    held = make.customer_message(ticket, "CANARY-HELD")
    Message.objects.filter(pk=held.pk).update(is_held=True)
    assert "CANARY" not in visitor.get(page(ticket)).text


def test_html_is_shown_as_text(cast, ticket, visitor, now):
    by = cast.acting("alice")
    replies.reply(ticket, Words("<img src=x onerror=alert(1)> hello"), by=by, now=now)
    assert "&lt;img src=x onerror=alert(1)&gt; hello" in visitor.get(page(ticket)).text


def test_who_joined_later_does_not_see_what_was_before(cast, ticket, client, now):
    copy = Participant.objects.create(
        ticket=ticket, customer=cast.emile, role="copy", created_at=now + timedelta(hours=1)
    )
    make.customer_message(ticket, "After Émile joined.", now=now + timedelta(hours=2))
    client.get(links.make_request_url(copy, now=now).removeprefix("http://127.0.0.1:8000"))
    text = client.get(page(ticket)).text
    assert "After Émile joined." in text
    assert "My lamp arrived broken." not in text


def test_word_back_goes_through_the_ledger_as_the_participant(ticket, visitor):
    response = send(visitor, ticket, attachments=[SimpleUploadedFile("photo.jpg", b"x")])
    message = ticket.messages.order_by("seq").last()
    assert response.url == page(ticket) + "?sent=1"
    assert (message.text, message.thread_layer) == ("Any news?", "link")
    assert message.attachments.get().name == "photo.jpg"
    assert Inbound.objects.get(source_key="page-page-token-number-1").state == "attached"


def test_same_word_sent_twice_is_one_message(ticket, visitor):
    send(visitor, ticket)
    send(visitor, ticket)
    assert ticket.messages.count() == 2


def test_changed_word_of_the_same_form_is_not_swallowed(ticket, visitor):
    send(visitor, ticket, "First")
    send(visitor, ticket, "Second")
    assert [m.text for m in ticket.messages.order_by("seq")][1:] == ["First", "Second"]


def test_empty_word_is_asked_for(ticket, visitor):
    response = send(visitor, ticket, "  ")
    assert response.status_code == 400
    assert "Write something first." in response.text


def test_many_words_are_slowed_down_with_the_text_kept(ticket, visitor):
    answers = [send(visitor, ticket, f"Word {n}", token=f"page-token-number-{n}") for n in range(21)]
    assert answers[-1].status_code == 429
    assert "Word 20" in answers[-1].text


def test_customer_closes_their_request(ticket, visitor):
    visitor.post(reverse("portal:solved", args=[ticket.public_id]))
    ticket.refresh_from_db()
    assert ticket.state == "closed"
    closed = ticket.events.get(kind="ticket.closed")
    assert (closed.actor_kind, closed.actor_id) == ("customer", str(ticket.customer_id))


def test_not_solved_reopens_even_without_words(cast, ticket, visitor, now):
    replies.reply(ticket, Words("Done."), by=cast.acting("alice"), now=now, then="solved")
    assert "This is not solved" in visitor.get(page(ticket)).text
    visitor.post(reverse("portal:not_solved", args=[ticket.public_id]), {"text": "", "token": "t" * 16})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.waiting_since is not None) == ("open", True)
    assert ticket.messages.order_by("seq").last().text == "This is not solved yet."


def test_word_on_a_long_closed_request_opens_a_linked_one(cast, ticket, visitor, now):
    ticket.close(by=cast.acting("dana"), now=now - timedelta(days=400))
    response = send(visitor, ticket, "It broke again.")
    assert response.status_code == 200
    newer = Ticket.objects.exclude(pk=ticket.pk).get()
    assert newer.links_from.get().target == ticket


def test_forgetting_the_device_ends_the_visit(ticket, visitor):
    response = visitor.post(reverse("portal:forget", args=[ticket.public_id]))
    assert response.url == reverse("portal:forgotten")
    assert visitor.get(page(ticket)).status_code == 404


def test_file_is_a_sandboxed_download(ticket, visitor):
    file = attach(ticket.messages.get())
    response = visitor.get(reverse("portal:attachment", args=[ticket.public_id, file.public_id]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]


def test_file_of_a_note_is_not_given(cast, ticket, visitor, client, now):
    note = replies.note(ticket, Words("For us."), by=cast.acting("alice"), now=now)
    secret, public = attach(note), attach(ticket.messages.order_by("seq").first())
    address = reverse("portal:attachment", args=[ticket.public_id, secret.public_id])
    assert visitor.get(address).status_code == 404
    own = reverse("portal:attachment", args=[ticket.public_id, public.public_id])
    assert client.get(own).status_code == 404


def test_promise_that_was_not_kept_is_owned_up_to(ticket, visitor, now):
    ticket.promises.create(from_at=now, due_at=now + timedelta(hours=1), made_at=now, broken_at=now)
    assert "are late. We are sorry." in visitor.get(page(ticket)).text


def test_page_takes_a_bounded_number_of_queries(ticket, visitor, django_assert_max_num_queries):
    for n in range(12):
        make.customer_message(ticket, f"Word {n}")
    with django_assert_max_num_queries(16):
        visitor.get(page(ticket))
