"""Search numbers, people and words in both languages, only among what the reader may see."""

from datetime import timedelta

import pytest

from tests import make
from tests.make import NOON
from tickets.conversation import replies, scheduled, tags
from tickets.conversation.replies import Words
from tickets.models import Customer, Identity, Ticket
from tickets.prepared import people
from tickets.search import search


def found(text, cast, who="alice"):
    return search.find_everything(text, cast.acting(who))


def written(cast, text, *, person=None, subject="A question", language="en"):
    ticket = make.ticket(cast.web, person or cast.dana, text, subject=subject)
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    ticket.messages.update(language=language)
    return ticket


@pytest.mark.parametrize("typed", ["#{}", "{}", " # {} "])
def test_a_ticket_is_found_by_its_number(cast, typed):
    ticket = written(cast, "Hello")
    assert found(typed.format(ticket.pk), cast).number == ticket
    assert found(typed.format(ticket.pk), cast, "mallory").number is None


@pytest.mark.parametrize("typed", ["emile", "MOREAU", "Émile M", "mor", "ém"])
def test_people_are_found_by_name_whatever_the_accents(cast, typed):
    assert found(typed, cast).people == [cast.emile]


@pytest.mark.parametrize(
    "typed", ["emile@moreau.example", "moreau.ex", "06 12 34 56 78", "+33 6 12 34 56 78", "345678"]
)
def test_people_are_found_by_address_and_by_number(cast, now, typed):
    Identity.objects.create(customer=cast.emile, kind="phone", value="+33612345678", created_at=now)
    assert found(typed, cast).people == [cast.emile]


def test_people_of_other_queues_are_not_found(cast):
    ticket = written(cast, "Hello")
    Ticket.objects.filter(pk=ticket.pk).update(queue=cast.mallory.memberships.get().queue)
    assert found("petit", cast).people == []
    assert found("petit", cast, "mallory").people == [cast.dana]


def test_english_words_are_found_in_any_form(cast):
    ticket = written(cast, "The deliveries are delayed again.")
    assert found("delivery delay", cast).ids == [ticket.pk]


def test_french_words_are_found_in_any_form_and_without_accents(cast):
    ticket = written(cast, "Les réparations ont été refusées hier.", language="fr")
    for typed in ("réparation", "reparations", "refusé", "refusee hier"):
        assert found(typed, cast).ids == [ticket.pk], typed


def test_subjects_count_and_come_before_messages(cast):
    told = written(cast, "My wardrobe is here.")
    titled = written(cast, "Hello", subject="Wardrobe")
    assert found("wardrobe", cast).ids == [titled.pk, told.pk]


def test_words_in_tickets_of_other_queues_are_not_found(cast):
    written(cast, "A secret wardrobe")
    assert found("wardrobe", cast, "mallory").ids == []


def test_quotes_and_minus_mean_what_they_mean_elsewhere(cast):
    whole = written(cast, "the blue lamp broke")
    written(cast, "a lamp, not blue")
    assert found('"blue lamp"', cast).ids == [whole.pk]
    assert found("lamp -broke", cast).ids != [whole.pk]


@pytest.mark.parametrize(
    "typed", ["", "   ", "'", '"', "&|!", ":*", "a'b;--", "%", "_", "\x00", "the", "x" * 500, "((("]
)
def test_nothing_typed_breaks_it(cast, typed):
    written(cast, "Hello")
    assert found(typed, cast).is_capped is False


def test_common_words_show_the_newest_of_the_visible(cast, now, monkeypatch):
    tickets = [make.ticket(cast.web, cast.dana, "lamp", now=now + timedelta(minutes=n)) for n in range(4)]
    mine = tickets[0]
    Ticket.objects.filter(pk=mine.pk).update(queue=cast.mallory.memberships.get().queue)
    monkeypatch.setattr(search, "is_rare", lambda _text: False)
    everything = found("lamp", cast)
    assert (everything.ids, everything.is_capped) == ([t.pk for t in tickets[:0:-1]], True)
    assert found("lamp", cast, "mallory").ids == [mine.pk]
    assert set(found("lamp", cast, "admin").ids) == {t.pk for t in tickets}


def test_of_more_namesakes_than_are_sorted_those_in_sight_are_found(cast):
    queue, at = cast.mallory.memberships.get().queue, {"created_at": NOON}
    names = (Customer(name="Dana Petit", **at) for _ in range(people.MAX_NAMESAKES + 1))
    hidden = Customer.objects.bulk_create(names)
    tickets = (Ticket(queue=queue, channel=cast.web, customer=c, updated_at=NOON, **at) for c in hidden)
    Ticket.objects.bulk_create(tickets)
    namesake = Customer.objects.create(name="Dana Petit", **at)
    assert {person.pk for person in found("dana petit", cast).people} == {cast.dana.pk, namesake.pk}


def test_a_ticket_merged_away_is_not_found(cast):
    kept, gone = written(cast, "lamp"), written(cast, "lamp")
    Ticket.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert found("lamp", cast).ids == [kept.pk]


def test_the_planner_is_asked_for_its_estimate(cast):
    written(cast, "lamp")
    found, every = search.estimate_rows("lamp")
    assert 1 <= found <= every


@pytest.mark.parametrize(
    ("found", "every", "is_rare"),
    [(1_500, 4_000, True), (1_501, 4_000, False), (6_000, 400_000, True), (6_001, 400_000, False)],
)
def test_a_word_of_few_messages_or_of_a_small_share_is_rare(monkeypatch, found, every, is_rare):
    monkeypatch.setattr(search, "estimate_rows", lambda _text: (found, every))
    assert search.is_rare("lamp") is is_rare


def test_a_person_and_a_word_find_their_ticket(cast):
    wanted = written(cast, "Le miroir est arrivé cassé.", person=cast.emile, language="fr")
    written(cast, "The mirror? Le miroir est beau.", language="fr")
    written(cast, "Something else.", person=cast.emile)
    for typed in ("Moreau miroir", "miroir moreau", "emile moreau miroirs", "MOREAU casse"):
        assert found(typed, cast).ids == [wanted.pk], typed
        assert found(typed, cast, "mallory").ids == [], typed


def test_a_person_with_a_word_of_the_subject_and_one_of_a_message(cast):
    ticket = written(cast, "It is scratched.", subject="Blue wardrobe")
    assert found("petit wardrobe scratched", cast).ids == [ticket.pk]
    assert found("petit wardrobe lamp", cast).ids == []


def test_a_tag_finds_its_tickets(cast, now):
    tickets = [written(cast, "Hello"), written(cast, "Hello")]
    tags.set_tags(tickets[0], ["goodwill", "two words"], by=cast.acting("alice"), now=now)
    for typed in ("goodwill", "Goodwill", "two words", "petit goodwill"):
        assert found(typed, cast).ids == [tickets[0].pk], typed
        assert found(typed, cast, "mallory").ids == [], typed


def test_a_tag_that_is_a_common_word_as_well_finds_its_tickets(cast, now, monkeypatch):
    ticket = written(cast, "Hello")
    tags.set_tags(ticket, ["goodwill"], by=cast.acting("alice"), now=now)
    monkeypatch.setattr(search, "is_rare", lambda _text: False)
    assert found("goodwill", cast).ids == [ticket.pk]


@pytest.mark.parametrize("typed", ["dana@petit.example", "Dana@Petit.example", "dana@petit.example broken"])
def test_an_address_finds_the_tickets_it_takes_part_in(cast, typed):
    ticket = written(cast, "It is broken.")
    written(cast, "It is broken.", person=cast.emile)
    assert found(typed, cast).ids == [ticket.pk]
    assert found(typed, cast, "mallory").ids == []


def test_an_address_that_was_only_typed_finds_its_ticket(cast):
    ticket = make.typed_ticket(cast.web, "noah@clarke.example")
    assert found("noah@clarke.example", cast).ids == [ticket.pk]


def test_what_was_taken_back_is_not_found(cast, now):
    ticket = written(cast, "Hello")
    by, undo = cast.acting("alice"), timedelta(seconds=10)
    message = replies.reply(ticket, Words("A wardrobe."), by=by, now=now, undo=undo)
    assert found("wardrobe", cast).ids == [ticket.pk]
    scheduled.withdraw_reply(message, by=by, now=now)
    for typed in ("wardrobe", "petit wardrobe"):
        assert found(typed, cast).ids == [], typed


def test_quotes_and_minus_keep_words_together(cast):
    written(cast, "It is broken.", subject="Lamp")
    assert found('"petit broken"', cast).ids == []
    assert found("petit -broken", cast).ids == []
