"""The desk says by which way a reply leaves."""

import pytest
from django.urls import reverse

from tests import make
from tests.routing.scene import chat
from tests.tickets.channels.phone.told import incoming, send
from tickets.models import Ticket


def opened(client, cast, ticket):
    client.force_login(cast.alice)
    return client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()


def reply_sheet(page):
    return page.partition('id="sheet-reply"')[2].partition('id="sheet-note"')[0]


def test_chat_is_answered_in_the_chat_and_at_once(client, cast, now):
    ticket = chat(cast, cast.dana, now)
    Ticket.objects.filter(pk=ticket.pk).update(channel=cast.chat)
    page = opened(client, cast, ticket)
    assert "Reply in the chat" in page
    assert "send_at" not in reply_sheet(page)


@pytest.mark.parametrize("slug", ["email", "web", "api"])
def test_letters_are_answered_by_mail(client, cast, now, slug):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    Ticket.objects.filter(pk=ticket.pk).update(channel=make.channel(slug, cast.orders))
    page = opened(client, cast, ticket)
    assert "Reply by email" in page
    assert "send_at" in reply_sheet(page)


def test_caller_without_an_address_cannot_be_answered_by_mail(client, cast):
    send(cast.phone, incoming("call.missed"))
    page = opened(client, cast, Ticket.objects.get())
    assert "Reply by email" in page
    assert "There is no mail address for this customer yet" in reply_sheet(page)


def test_channels_add_their_pages_to_the_desk(client, cast, now):
    page = opened(client, cast, make.ticket(cast.web, cast.dana, now=now))
    assert f'href="{reverse("phone:new_call")}?ticket=' in page
