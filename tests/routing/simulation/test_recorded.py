"""Recorded stretches: what is known is kept, the rest drawn, rosters change as asked, promises count."""

import json
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.simulation import compare, what_if
from routing.simulation.floor import Floor
from routing.simulation.opening import Opening
from routing.simulation.outcome import measure_stretch
from routing.simulation.policies.baselines import BASELINES
from routing.simulation.policies.better import BETTER
from routing.simulation.recorded import Arrival, Stretch, draw_day, estimate_patience, work_seconds
from routing.simulation.rosters import Change, Worker, change_staff, cut_window, merge_spans
from routing.simulation.watched import Watched
from routing.what_if import questions

HOUR = 3600.0
USUAL = {"voice": 300.0, "chat": 480.0, "mail": 420.0}
TARGETS = {"voice": 20.0, "chat": 60.0, "mail": 4 * HOUR}
AS_IT_WAS = Change()
spans = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: tuple(sorted(pair))), max_size=8
)


def worker(id=1, begin=0.0, end=8 * HOUR, **fields):
    return Worker(id, ((begin, end),), queues=(1,), languages=("en",), **fields)


ALONE = (worker(),)


def stretch(*arrivals, people=ALONE, **fields):
    return Stretch(0.0, 8 * HOUR, arrivals, tuple(people), usual=USUAL, targets=TARGETS, **fields)


def mail(at=0.0, **fields):
    return Arrival("mail", at, 1, language="en", **fields)


def chat(at=0.0, **fields):
    return Arrival("chat", at, 1, language="en", **fields)


def lived(known, change=AS_IT_WAS, name=compare.OURS):
    watched = Watched(what_if.make_router(what_if.Variant(name)), known)
    floor = Floor(draw_day(known, change, 1), watched).run()
    return floor, watched, measure_stretch(floor, watched, known)


def length(found):
    return sum(end - begin for begin, end in found)


def test_patience_is_all_waiting_over_those_who_left():
    arrivals = [chat(waited=10.0, left=True)] * 5 + [chat(waited=50.0)] * 5
    assert estimate_patience(arrivals, "chat").mean == pytest.approx((5 * 10 + 5 * 50) / 5)
    assert estimate_patience(arrivals[4:], "chat").is_usual  # one who left tells nothing


def test_chats_held_together_are_shared_work():
    both = [chat(0.0, waited=0.0, handled=100.0, by=1), chat(50.0, waited=0.0, handled=100.0, by=1)]
    alone, beside = 50.0, 50.0 * 1.7 / 2
    assert work_seconds(both, (1.0, 1.7, 2.1)) == pytest.approx([alone + beside, alone + beside])
    assert work_seconds([both[0], replace(both[1], by=2)], (1.0, 1.7, 2.1)) == [100.0, 100.0]


def test_what_is_known_of_a_contact_stays_as_it_was():
    known = stretch(mail(600.0, handled=300.0), chat(900.0, waited=40.0, left=True), chat(1000.0, waited=5.0))
    first, left, stayed = draw_day(known, AS_IT_WAS, 3).contacts
    assert (first.work, left.patience) == (300.0, 40.0)
    assert stayed.patience > 5.0
    assert all(abs(made.at - was.at) <= 30 for made, was in zip(draw_day(known, AS_IT_WAS, 3).contacts,
                                                               known.arrivals, strict=True))  # fmt: skip


def test_levels_speed_is_taken_out_of_the_handling():
    known = stretch(mail(handled=140.0, topic="lamps", by=1, level=0))
    assert draw_day(known, AS_IT_WAS, 1).contacts[0].work == pytest.approx(100.0)


def test_other_repetitions_draw_what_nobody_knows_and_rosters_do_not():
    known = stretch(*[chat(60.0 * n, waited=5.0) for n in range(9)], people=(worker(1), worker(2)))
    assert draw_day(known, AS_IT_WAS, 1).contacts == draw_day(known, Change(without=(2,)), 1).contacts
    assert draw_day(known, AS_IT_WAS, 1).contacts != draw_day(known, AS_IT_WAS, 2).contacts


def test_callers_for_a_call_back_never_leave():
    known = stretch(Arrival("voice", 0.0, 1, language="en", patient=True, waited=9.0))
    assert draw_day(known, AS_IT_WAS, 1).contacts[0].patience == float("inf")


@given(spans, st.integers(0, 50), st.integers(0, 50))
def test_spans_are_merged_and_cut(found, one, other):
    whole, window = merge_spans(found), (min(one, other), max(one, other))
    inside = sum(max(0, min(e, window[1]) - max(b, window[0])) for b, e in whole)
    assert length(cut_window(whole, window)) == length(whole) - inside
    assert all(before[1] < after[0] for before, after in pairwise(whole))


def test_fewer_people_are_there_in_the_window_only():
    people = [worker(n) for n in range(1, 6)]
    fewer = change_staff(people, Change(more=-2, windows=((HOUR, 2 * HOUR),)), Random(1))
    assert sorted(length(one.slots) for one in fewer) == [7 * HOUR] * 2 + [8 * HOUR] * 3


def test_more_people_and_filled_seats_come_with_skills_of_the_queue():
    people = [worker(1, levels={"lamps": 4}), replace(worker(2), queues=(2,))]
    change = Change(more=1, windows=((0.0, HOUR),), without=(2,), seats=((1, HOUR, 2 * HOUR, 2),))
    known, *added = change_staff(people, change, Random(1))
    assert known == people[0]
    assert [one.id for one in added] == [3, 4, 5]
    assert [one.slots for one in added[1:]] == [((HOUR, 2 * HOUR),)] * 2
    assert all(one.levels == {"lamps": 4} for one in added[1:])


def test_stretch_survives_being_written_as_json():
    known = stretch(mail(5.0, handled=9.5), hours={1: ((0.0, HOUR),)}, answers={-1: (3.0,)})
    assert Stretch.of(json.loads(json.dumps(known.as_data()))) == known


def test_one_person_works_off_two_mails_in_turn():
    known = stretch(mail(handled=600.0), mail(handled=600.0))
    _floor, _watched, numbers = lived(known)
    assert (numbers["mail.n"], numbers["mail.open"], numbers["mail.in_time"]) == (2, 0, 1)
    assert numbers["mail.wait_mean"] == pytest.approx(300.0, abs=40)
    assert numbers["utilisation"] == pytest.approx(1200 / (8 * HOUR), rel=0.01)


def test_others_wait_for_the_skilled_only_where_a_skill_is_asked():
    known = stretch(mail(60.0, handled=60.0), mail(HOUR, handled=60.0, topic="lamps", least=1),
                    people=(worker(levels={"lamps": 1}),))  # fmt: skip
    floor, _watched, _numbers = lived(known, name="best skill")
    waits = [job.started_at - job.at for job in floor.jobs]
    assert waits == pytest.approx([0.0, 600.0], abs=40)


def test_closed_hours_do_not_count_as_waiting():
    person = worker(begin=2 * HOUR)
    known = stretch(mail(60.0, handled=60.0), people=(person,), hours={1: ((2 * HOUR, 8 * HOUR),)})
    assert lived(known)[2]["mail.wait_mean"] == pytest.approx(0.0, abs=60)
    always = replace(known, hours={})
    assert lived(always)[2]["mail.wait_mean"] == pytest.approx(2 * HOUR, abs=120)


@pytest.mark.parametrize("name", compare.router_names())
def test_nobody_is_lost_in_a_stretch(name):
    chance = Random(4)
    arrivals = [
        Arrival(chance.choice(["voice", "chat", "mail"]), chance.uniform(0, 7 * HOUR), 1,
                topic=chance.choice(["", "lamps"]), language=chance.choice(["en", "fr", "de"]), handled=300.0)
        for _ in range(60)
    ]  # fmt: skip
    people = [worker(1, levels={"lamps": 3}), replace(worker(2), languages=("en", "fr"))]
    floor, _watched, numbers = lived(stretch(*arrivals, people=people), name=name)
    assert numbers["contacts"] == 60
    assert {job.contact.id for job in floor.jobs} == set(range(1, 61))
    assert any(job.started_at is not None for job in floor.jobs)


def test_promise_by_plan_is_the_products_own():
    known = stretch(mail(HOUR, handled=60.0))
    _floor, watched, numbers = lived(known)
    ((job, until),) = watched.promises.until.items()
    assert until - job.at == pytest.approx(TARGETS["mail"])
    assert numbers["kept"] == 1


def test_promise_by_earlier_answers_is_broken_by_a_slow_day():
    waits = tuple([1200.0] * 30)
    known = stretch(mail(HOUR, handled=3000.0), mail(HOUR, handled=3000.0), answers={1: waits})
    _floor, watched, numbers = lived(known)
    assert {round(until - job.at) for job, until in watched.promises.until.items()} == {1200}
    assert numbers["kept"] == 0


def test_nobody_is_promised_anything_where_no_shift_follows():
    late = stretch(chat(7.9 * HOUR, handled=60.0), people=(worker(end=HOUR),))
    assert "kept" not in lived(late)[2]


def test_openings_are_counted_between_moments():
    opening = Opening([(0.0, 10.0), (20.0, 30.0)])
    assert opening.between(5.0, 25.0) == 10.0
    assert (opening.next_after(5.0), opening.next_after(25.0)) == (20.0, None)
    assert Opening().between(5.0, 25.0) == 20.0


def task(**fields):
    known = stretch(*[mail(600.0 * n, handled=300.0) for n in range(5)]).as_data()
    return {
        "stretch": known,
        "variants": [{}, {"router": "best skill"}],
        "repetitions": 3,
        "seconds": 60,
    } | fields


def test_runs_that_were_told_are_not_lived_again():
    said: list[dict[str, object]] = []
    told = what_if.run_variants(task(), said.append)
    assert len(told) == len(said) == 6
    said.clear()
    assert what_if.run_variants(task(), said.append, told[:4])[:4] == told[:4]
    assert [(line["repetition"], line["variant"]) for line in said] == [(2, 0), (2, 1)]


def test_time_ends_after_three_repetitions():
    assert len(what_if.run_variants(task(repetitions=9, seconds=-1), lambda line: None)) == 6


def test_table_pairs_the_repetitions_that_all_have_lived():
    values = [(0, 0, 1.0), (0, 1, 3.0), (1, 0, 2.0), (1, 1, 5.0), (2, 0, 9.0)]
    told = [{"repetition": r, "variant": v, "numbers": {"kept": x}} for r, v, x in values]
    base, other = what_if.build_table(told)
    assert (base["kept"]["mean"], base["kept"]["n"]) == (1.5, 2)
    assert other["kept"]["difference"]["mean"] == 2.5
    assert other["kept"]["difference"]["half"] == pytest.approx(12.71 * 0.5, rel=1e-3)  # t of one degree


def test_busy_day_is_another_in_each_repetition_and_takes_other_rosters():
    busy = {"seats": 3, "hours": 2, "mix": [0.4, 0.3, 0.3], "work": [300.0, 400.0, 400.0]}
    more = {"change": {"more": 2, "windows": [[0.0, 2 * HOUR]]}}
    told = what_if.run_variants(task(busy=busy, repetitions=2, variants=[{}, more]), lambda line: None)
    contacts = [one["numbers"]["contacts"] for one in told]
    assert contacts[0] == contacts[1] != contacts[2]
    assert told[1]["numbers"]["utilisation"] < told[0]["numbers"]["utilisation"]


def test_page_knows_every_way_to_route_without_loading_it():
    assert tuple(BASELINES) == questions.BASELINES
    assert questions.OURS == compare.OURS


def test_every_measure_says_which_way_is_better():
    told = lived(stretch(mail(handled=60.0), chat(waited=1.0), people=(worker(1), worker(2))))[2]
    counts = {"contacts", "n", "promises", "returning", "skilled"}
    assert {name.rpartition(".")[2] for name in told} - counts <= set(BETTER)
