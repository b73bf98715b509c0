"""The customers' side of an installation: every address of theirs, and browsers that come to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from metrics.models import Survey
from metrics.surveys import links as survey_links
from tests import make
from tests.cast import Cast
from tests.helpdesk.dead_ends.page import Page, path_of
from tests.helpdesk.rights.asking import routes
from tickets.clock import database_now
from tickets.customers import links
from tickets.models import Article, Message, Outbound, Participant, Ticket
from tickets.platform import crypto

# What is no page for customers: for those who work here, and for software. All else is, also what is added.
NOT_FOR_CUSTOMERS = (
    "admin/", "api/", "routing/", "accounts/", "first/", "channels/", "my/", "preferences/",
    "healthz", "readyz", "metrics", "widget.js",
)  # fmt: skip
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def customers_routes() -> dict[str, str]:
    """Return the path of each route for customers by its name, its parameters in braces."""
    found = {name: path for name, path, _pattern in routes()}
    return {name: path for name, path in found.items() if not path.startswith(NOT_FOR_CUSTOMERS)}


class Site:
    """One request, one survey, one article, and what their addresses are made of."""

    def __init__(self, cast: Cast) -> None:
        now = database_now()
        self.cast = cast
        self._cookies: dict[str, str] = {}
        self.ticket = make.ticket(cast.web, cast.dana, now=now)
        self.part = Participant.objects.get(ticket=self.ticket)
        self.article = Article.objects.create(
            slug="lamps", name_en="Lamps", name_fr="Lampes", text_en="Send us a photo.", text_fr="Une photo."
        )
        self.survey = _survey(self.ticket, language="en")
        self.french_survey = _survey(make.ticket(cast.web, cast.emile, now=now), language="fr")

    def addresses(self, name: str, path: str, *, language: str) -> Iterator[str]:
        """Yield a right address of a route and, where it has parameters, some that lead nowhere."""
        if "{" not in path:
            yield f"/{path}"
            return
        yield "/" + path.format(**self._right(name, language))
        yield "/" + path.format(**dict.fromkeys(self._right(name, language), "wr0ngwr0ngwr0n"))

    def browser(self, language: str, *, guest: bool = False, **settings: Any) -> Client:
        """Return a browser of this language; a guest has come by the link of the request."""
        client = Client(headers={**HTML, "accept-language": language}, **settings)
        if guest and not self._cookies:
            client.get(links.make_request_url(self.part, now=database_now()))
            self._cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        client.cookies.load(self._cookies if guest else {})
        return client

    def _right(self, name: str, language: str) -> dict[str, str]:
        now = database_now()
        survey = self.french_survey if language == "fr" else self.survey
        off = survey_links.unsubscribe_url(survey).rstrip("/").split("/")
        by_route = {
            "survey:answer": {"token": survey_links.make_token(survey)},
            "survey:unsubscribe": {"public_id": off[-2], "mac": off[-1]},
            "portal:enter": {"token": links.make_request_url(self.part, now=now).rstrip("/").split("/")[-1]},
            "portal:enter_all": {
                "token": links.make_all_requests_url(self.cast.dana.identities.get(), now=now)
                .rstrip("/")
                .split("/")[-1]
            },
            "portal:article": {"slug": self.article.slug},
            "portal:attachment": {"public_id": self.ticket.public_id, "file_id": "a" * 14},
        }
        assert name in by_route or name.startswith("portal:"), f"say in Site._right what {name} is made of"
        return by_route.get(name) or {"public_id": self.ticket.public_id}


def is_page(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def is_person_near(client: Client, page: Page, known: dict[str, bool]) -> bool:
    """Tell whether a person is reached from a page or one that it links to; `known` keeps the latter."""
    return page.is_to_a_person or any(_leads_to_a_person(client, link, known) for link in page.links)


def _leads_to_a_person(client: Client, link: str, known: dict[str, bool]) -> bool:
    path = path_of(link)
    if path and path not in known:
        response = client.get(path, follow=True)
        known[path] = is_page(response) and Page(response.content.decode()).is_to_a_person
    return known.get(path, False)


def is_stored(value: str) -> bool:
    """Tell whether what was typed has reached us."""
    return (
        Message.objects.filter(text__contains=value).exists()
        or Message.objects.filter(from_address=value).exists()
        or Ticket.objects.filter(subject__contains=value).exists()
        or Ticket.objects.filter(customer__name__contains=value).exists()
        or Ticket.objects.filter(callbacks__number=value.replace(" ", "")).exists()
        or Outbound.objects.filter(to=value).exists()
        or Survey.objects.filter(comment__contains=value).exists()
    )


def _survey(ticket: Ticket, *, language: str) -> Survey:
    now = database_now()
    survey = Survey.objects.create(
        ticket=ticket,
        solved_at=now,
        customer=ticket.customer,
        queue_id=ticket.queue_id,
        channel=ticket.channel.slug,
        language=language,
        state=Survey.State.INVITED,
        created_at=now,
        expires_at=now + timedelta(days=14),
    )
    survey.digest = crypto.digest(survey_links.make_token(survey))
    survey.save(update_fields=["digest"])
    return survey


def request_form() -> str:
    return reverse("portal:request")
