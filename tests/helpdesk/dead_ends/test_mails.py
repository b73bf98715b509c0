"""Every mail to customers leads to a person: by a reply where it comes from a mailbox, else by a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from tests import make
from tests.helpdesk.dead_ends.page import Page
from tickets.channels.email.outbound import outward
from tickets.delivery import outbox
from tickets.models import Channel, Outbound, Ticket
from tickets.portal import link_mail

pytestmark = pytest.mark.django_db

# To colleagues and administrators. Every other template of a mail is for customers, also one that is added.
FOR_US = ("for_agent", "mailbox", "routing/mail/notice", "invitation", "password_reset", "routing/mail/words")
FRAMES = ("mail/base", "mail/person")
KINDS = {"ack": "ack", "reply": "reply", "delay": "notice", "notice": "notice"}


def templates() -> list[str]:
    """Return the name of each mail to customers, without its ending, as outbox rows name it."""
    found = set()
    for folder in Path(settings.BASE_DIR).glob("*/**/templates"):
        if ".venv" in folder.parts:
            continue
        for path in (*folder.rglob("mail/*"), *folder.rglob("email/*")):
            name = str(path.relative_to(folder)).rpartition(".")[0]
            if path.is_file() and not name.endswith("_subject") and name not in FRAMES:
                found.add(name)
    return sorted(name for name in found if not any(word in name for word in FOR_US))


def survey_of(site: Any, language: str) -> dict[str, Any]:
    survey = site.french_survey if language == "fr" else site.survey
    return {"survey": survey.pk, "is_named": True, "subject": "How easy was it?"}


# What a mail's row holds beside its template; one that is not named here has nothing of its own.
PAYLOADS: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "metrics/mail/survey": survey_of,
    "tickets/mail/notice": lambda _site, _language: {"heading": "News", "sentence": "Your parcel is late."},
    "routing/mail/wait_or_now": lambda _site, _language: {
        "question": "Wait, or now?",
        "subject": "A question",
    },
    "tickets/mail/all_requests": lambda site, _language: {
        "all_requests_of": site.cast.dana.identities.get().pk
    },
}


def row(site: Any, name: str, language: str, mailbox: Channel | None) -> Outbound:
    """Return an outbox row of a mail, from a mailbox or from none."""
    Ticket.objects.update(language=language)
    site.ticket.refresh_from_db()
    slug = name.rpartition("/")[2]
    message = make.customer_message(site.ticket) if slug in ("reply", "delay") else None
    payload = {"template": name, "language": language} | PAYLOADS.get(name, lambda *_: {})(site, language)
    outbound = outbox.add_outbound(
        KINDS.get(slug, "notice"), channel=mailbox, to=site.part.address, payload=payload, now=make.NOON,
        **({} if slug == "all_requests" else {"ticket": site.ticket, "participant": site.part}),
    )  # fmt: skip
    Outbound.objects.filter(pk=outbound.pk).update(message=message)
    outbound.refresh_from_db()
    return outbound


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", templates())
def test_a_mail_from_a_mailbox_can_be_replied_to(site, name, language):
    mail = outward.build_mail(row(site, name, language, site.cast.mailbox), now=make.NOON)
    assert site.cast.mailbox.address in str(mail.extra_headers["From"])
    with translation.override(language):
        said = [translation.gettext(words) for words in REPLY]
    for part in (mail.body, str(mail.alternatives[0][0])):
        assert any(words.partition("%(")[0] in " ".join(part.split()) for words in said), part


@pytest.mark.parametrize("name", templates())
def test_a_mail_from_no_mailbox_leads_to_the_form_and_asks_for_no_reply(site, name):
    mail = outward.build_mail(row(site, name, "en", None), now=make.NOON)
    form = settings.PUBLIC_URL + reverse("portal:request")
    assert form in Page(str(mail.alternatives[0][0])).links
    assert form in mail.body
    assert "reply to this mail" not in mail.body + str(mail.alternatives[0][0])


def test_the_mails_are_found():
    assert {"tickets/mail/ack", "tickets/mail/all_requests", "metrics/mail/survey"} <= set(templates())


def test_a_reply_to_the_mail_with_the_link_opens_a_request(site):
    outbound = link_mail.queue_link_mail(
        "dana@petit.example", language="en", now=make.NOON + timedelta(days=1)
    )
    assert outbound.channel == site.cast.mailbox


REPLY = (
    "A person reads what you write, and a person answers. You can simply reply to this mail.",
    "Simply reply to this mail: a person reads it.",
    "Simply reply to this mail: %(name)s or a colleague reads it.",
    "Not solved? Simply reply to this mail: a person reads it.",
    "This message was sent automatically. Simply reply to this mail: a person reads it.",
)
