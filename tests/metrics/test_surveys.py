"""Surveys: who is asked, who is left alone and why, and what an answer needs."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from metrics.facts import derive
from metrics.models import Survey, SurveyOptOut
from metrics.surveys import answering, links
from metrics.surveys.answering import Closed
from metrics.surveys.inviting import expire_due, invite_due
from tests import make
from tests.metrics.story import DAY, HOUR, number, solved
from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.errors import Invalid
from tickets.models import Company, Event, Outbound, Participant, Ticket
from tickets.platform import crypto


def sweep(at):
    derive.refresh_facts(now=at)
    return invite_due(now=at)


def invited(cast, at) -> Survey:
    solved(cast, at=at)
    sweep(at + 2 * DAY)
    return Survey.objects.get()


def mail_of(survey) -> Outbound:
    return Outbound.objects.get(pk=survey.outbound_id)


def reason_of(ticket):
    return Survey.objects.get(ticket=ticket).reason


def test_a_day_after_solving_the_customer_is_asked_once(cast, now):
    ticket = solved(cast, at=now)
    assert sweep(now + 24 * HOUR) == 0
    assert sweep(now + 26 * HOUR) == 1
    assert sweep(now + 27 * HOUR) == 0
    survey = Survey.objects.get()
    assert (survey.ticket, survey.state, survey.resolver_id) == (ticket, "invited", cast.alice.pk)
    assert mail_of(survey).to == "dana@petit.example"
    assert Event.objects.filter(kind="survey.invited", ticket=ticket).count() == 1


def test_a_customer_is_not_asked_again_within_a_month(cast, now):
    invited(cast, now)
    again = solved(cast, at=now + 5 * DAY)
    sweep(now + 7 * DAY)
    assert reason_of(again) == "rest"
    assert Event.objects.get(kind="survey.suppressed").data["reason"] == "rest"
    later = solved(cast, at=now + 40 * DAY)
    sweep(now + 42 * DAY)
    assert Survey.objects.get(ticket=later).state == "invited"


def test_two_resolutions_in_one_sweep_are_one_question(cast, now):
    solved(cast, at=now)
    solved(cast, at=now)
    sweep(now + 2 * DAY)
    assert sorted(Survey.objects.values_list("state", flat=True)) == ["invited", "suppressed"]


def test_spam_is_never_asked(cast, now):
    ticket = solved(cast, at=now)
    ticket.mark_spam(by=cast.acting("alice"), now=now + HOUR)
    sweep(now + 2 * DAY)
    assert reason_of(ticket) == "spam"
    assert not Outbound.objects.filter(kind="survey").exists()


def test_an_address_that_does_not_take_mail_is_left_alone(cast, now):
    ticket = solved(cast, at=now)
    cast.dana.identities.update(undeliverable_at=now)
    sweep(now + 2 * DAY)
    assert reason_of(ticket) == "undeliverable"


def test_who_called_our_mail_spam_is_left_alone(cast, now):
    ticket = solved(cast, at=now)
    cast.dana.identities.update(complained_at=now)
    sweep(now + 2 * DAY)
    assert reason_of(ticket) == "complained"


def test_a_customer_without_an_address_is_left_alone(cast, now):
    ticket = solved(cast, at=now)
    Participant.objects.filter(ticket=ticket).update(identity=None)
    cast.dana.identities.all().delete()
    sweep(now + 2 * DAY)
    assert reason_of(ticket) == "no_address"


def test_what_was_reopened_waits_for_its_next_resolution(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + 2 * HOUR)
    assert sweep(now + 2 * DAY) == 0


def test_old_resolutions_are_left_in_peace_when_surveys_begin(cast, now):
    solved(cast, at=now)
    assert sweep(now + 30 * DAY) == 0


def test_a_delay_of_zero_asks_at_once(cast, now):
    Company.objects.create(pk=1, name="Lamps", survey_delay_hours=0)
    solved(cast, at=now)
    assert sweep(now + HOUR) == 1


def test_the_mail_has_the_question_both_links_and_a_one_click_way_out(cast, now, mailoutbox):
    Company.objects.create(pk=1, name="Lamps & Co")
    survey = invited(cast, now)
    outbox.deliver(mail_of(survey).pk, now=now + 2 * DAY)
    [mail] = [m for m in mailoutbox if "How easy" in m.subject]
    assert "Lamps & Co made it easy for me to handle my request." in mail.body
    assert links.answer_url(survey) in mail.body
    assert mail.extra_headers["List-Unsubscribe"] == f"<{links.unsubscribe_url(survey)}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{links.answer_url(survey)}?score=7" in mail.alternatives[0].content


def typed(cast, at, subject="My lamp") -> Ticket:
    """Return a solved request of somebody whose address was only typed."""
    ticket = solved(cast, at=at)
    person = make.customer("", "")
    claim = person.identities.create(kind="email", value="victim@x.example", ticket=ticket, created_at=at)
    Ticket.objects.filter(pk=ticket.pk).update(customer=person, subject=subject)
    Participant.objects.filter(ticket=ticket).update(customer=person, identity=claim)
    return ticket


def test_a_mail_to_an_address_that_was_only_typed_holds_no_word_of_the_writer(cast, now, mailoutbox):
    ticket = typed(cast, now, subject="Cheap watches at evil.example")
    sweep(now + 2 * DAY)
    outbox.deliver(mail_of(Survey.objects.get()).pk, now=now + 2 * DAY)
    [mail] = [m for m in mailoutbox if m.to == ["victim@x.example"]]
    assert "evil.example" not in str(mail.message())
    assert f"request {ticket.pk}." in mail.body


def test_an_address_that_was_only_typed_is_not_asked_again_within_a_month(cast, now):
    typed(cast, now)
    sweep(now + 2 * DAY)
    again = typed(cast, now + 5 * DAY)
    sweep(now + 7 * DAY)
    assert reason_of(again) == "rest"


def test_an_address_that_was_only_typed_and_wants_no_surveys_gets_none(cast, now):
    typed(cast, now)
    sweep(now + 2 * DAY)
    answering.unsubscribe(Survey.objects.get(), now=now + 2 * DAY)
    again = typed(cast, now + 50 * DAY)
    sweep(now + 52 * DAY)
    assert reason_of(again) == "unsubscribed"


def test_no_row_holds_the_token(cast, now):
    survey = invited(cast, now)
    token = links.make_token(survey)
    assert survey.digest == crypto.digest(token)
    assert token not in str(mail_of(survey).payload) + str(list(Event.objects.values_list("data", flat=True)))


@pytest.fixture
def open_survey(cast):
    """An invitation sent a moment ago by the database's clock, for requests through the door."""
    at = database_now() - 2 * DAY
    survey = invited(cast, at)
    return survey, reverse("survey:answer", args=[links.make_token(survey)])


def test_opening_the_page_records_nothing(client, open_survey):
    survey, address = open_survey
    before = Event.objects.count()
    page = client.get(address, {"score": "6"})
    survey.refresh_from_db()
    assert page.status_code == 200
    assert re.search(r'value="6" required checked', page.text)
    assert (survey.state, survey.score, Event.objects.count()) == ("invited", None, before)


def test_sending_records_and_can_be_changed(client, open_survey):
    survey, address = open_survey
    page = client.post(address, {"score": "6", "comment": "Quick answer"}, follow=True)
    assert "we have your answer" in page.text
    client.post(address, {"score": "3", "comment": "It broke again"})
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.comment) == ("answered", 3, "It broke again")
    scores = Event.objects.filter(kind="survey.answered").order_by("id").values_list("data__score", flat=True)
    assert list(scores) == [6, 3]


def test_sending_the_same_again_is_one_answer(client, open_survey):
    _survey, address = open_survey
    for _ in range(2):
        client.post(address, {"score": "6"})
    assert Event.objects.filter(kind="survey.answered").count() == 1


@pytest.mark.parametrize("score", ["", "0", "8", "6.5", "seven", "６"])
def test_what_is_not_on_the_scale_is_asked_for_again_and_nothing_is_lost(client, open_survey, score):
    survey, address = open_survey
    page = client.post(address, {"score": score, "comment": "My <words>"})
    survey.refresh_from_db()
    assert page.status_code == 400
    assert "My &lt;words&gt;" in page.text
    assert survey.score is None


@pytest.mark.parametrize("token", ["nope", "a" * 40, "0" * 500, "é"])
def test_a_forged_link_gets_a_kind_page(client, cast, token):
    page = client.get(reverse("survey:answer", args=[token]))
    assert page.status_code == 404
    assert "This link does not work" in page.text


def test_after_two_weeks_the_page_says_so_and_takes_nothing(client, cast):
    survey = invited(cast, database_now() - 17 * DAY)
    address = reverse("survey:answer", args=[links.make_token(survey)])
    assert client.get(address).status_code == 410
    assert client.post(address, {"score": "6"}).status_code == 410
    with pytest.raises(Closed):
        answering.record_answer(survey, 6, "", now=database_now())


def test_unanswered_invitations_expire(cast, now):
    survey = invited(cast, now)
    assert expire_due(now=now + 15 * DAY) == 0
    assert expire_due(now=now + 17 * DAY) == 1
    assert expire_due(now=now + 17 * DAY) == 0
    survey.refresh_from_db()
    assert survey.state == "expired"


def test_an_answer_without_a_score_is_refused(cast, now):
    with pytest.raises(Invalid):
        answering.record_answer(invited(cast, now), None, "", now=now + 2 * DAY)


def test_one_click_unsubscribes_without_any_cookie(cast, now):
    survey = invited(cast, now)
    address = reverse("survey:unsubscribe", args=links.unsubscribe_url(survey).rstrip("/").split("/")[-2:])
    client = Client(enforce_csrf_checks=True)
    assert client.get(address).status_code == 200
    assert not SurveyOptOut.objects.exists()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert SurveyOptOut.objects.get().customer == cast.dana
    later = solved(cast, at=now + 40 * DAY)
    sweep(now + 42 * DAY)
    assert reason_of(later) == "unsubscribed"


def test_nobody_unsubscribes_somebody_else(client, cast, now):
    survey = invited(cast, now)
    address = reverse("survey:unsubscribe", args=[survey.public_id, "a" * 26])
    assert client.post(address).status_code == 404
    assert not SurveyOptOut.objects.exists()


def test_the_page_speaks_the_customers_language(client, cast):
    at = database_now() - 2 * DAY
    solved(cast, cast.emile, at=at)
    Ticket.objects.update(language="fr")
    sweep(at + 2 * DAY)
    page = client.get(reverse("survey:answer", args=[links.make_token(Survey.objects.get())]))
    assert "permis de traiter facilement ma demande" in page.text
    assert '<html lang="fr"' in page.text


def test_effort_is_the_share_of_five_and_more_with_its_scores(cast, now):
    for score in (7, 5, 4, 1, None):
        survey = invited_customer(cast, now, f"c{score}")
        if score:
            answering.record_answer(survey, score, "", now=now + 3 * DAY)
    figure = number(cast, "ces", at=now + 4 * DAY)
    assert figure.parts == {"easy": 2, "hard": 2, "open": 1}
    assert figure.scores is not None
    assert (figure.scores.counts, figure.scores.mean) == ({7: 1, 5: 1, 4: 1, 1: 1}, 4.25)


def invited_customer(cast, at, name) -> Survey:
    ticket = solved(cast, make.customer(name, f"{name}@x.example"), at=at)
    sweep(at + 2 * DAY)
    return Survey.objects.get(ticket=ticket)


def test_survey_health_names_everybody_who_was_not_heard(cast, now):
    answering.record_answer(invited_customer(cast, now, "answers"), 6, "", now=now + 3 * DAY)
    invited_customer(cast, now, "silent")
    bounced = invited_customer(cast, now, "bounces")
    Outbound.objects.filter(pk=mail_of(bounced).pk).update(state="bounced")
    spam = solved(cast, at=now)
    spam.mark_spam(by=cast.acting("alice"), now=now)
    sweep(now + 2 * DAY)
    early, late = (number(cast, "survey_health", at=now + timedelta(days=d)) for d in (4, 20))
    assert early.parts == {"answered": 1, "open": 1, "failed": 1, "spam": 1}
    assert late.parts == {"answered": 1, "unanswered": 1, "failed": 1, "spam": 1}
