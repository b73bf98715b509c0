"""What-if trials: asked, worked off one at a time, resumed, ended with a sentence, kept."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from routing.models import Policy, Shift, Slot, Trial
from routing.models.shift import Leave
from routing.what_if import assumptions, problems, process, report, trials
from tests import make
from tests.cast import NOON
from tests.routing.scene import there
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.errors import Invalid

DAY = NOON.date()
LATER = NOON + timedelta(days=1)
BEST = {"kind": "baseline", "name": "best skill"}
MORE = {"kind": "people", "more": 1, "from": "09:00", "until": "12:00"}


@pytest.fixture
def day(cast):
    """Alice and Bob at work, three mails that came."""
    for user in (cast.alice, cast.bob):
        agent = there(user, NOON, schedule="planned")
        Shift.objects.create(agent=agent, during=(NOON - timedelta(hours=4), NOON + timedelta(hours=4)))
    for minutes in (0, 5, 10):
        make.ticket(cast.web, cast.dana, now=NOON + timedelta(minutes=minutes))
    return cast


def ask(cast, *variants, first=DAY, last=DAY, by="carol", now=LATER, **fields):
    options = {"zone": "Europe/Paris", "repetitions": 2} | fields
    queues = options.pop("queues", [cast.orders.pk])
    return trials.start_trial(
        queues, first, last, list(variants or (BEST,)), by=cast.acting(by), now=now, **options
    )


def again(trial):
    trial.refresh_from_db()
    return trial


def test_trial_is_lived_through_and_kept(day):
    trial = ask(day, BEST, MORE)
    assert trials.run_next_trial(LATER) == trial
    assert again(trial).state == "done"
    assert len(trial.runs) == trial.runs_wanted == 6
    base, best, more = trial.result["table"]
    assert base["mail.n"]["mean"] == 3
    assert "difference" in best["mail.wait_mean"]
    assert more["utilisation"]["mean"] < base["utilisation"]["mean"]
    assert trial.result["assumed"]["contacts"] == 3


def test_rules_in_force_are_those_of_the_question(day):
    Policy.objects.create(version=7, parameters={"reserve": 3}, is_active=True)
    old = Policy.objects.create(version=6, parameters={"reserve": 0.5})
    kept = ask(day, {"kind": "version", "version": 6}).question["variants"]
    assert kept[0] == {"kind": "as_is", "version": 7, "parameters": {"reserve": 3}}
    assert kept[1]["parameters"] == old.parameters


def test_one_trial_runs_at_a_time(day):
    ask(day)
    ask(day, MORE)
    assert trials._claim(LATER) is not None
    assert trials._claim(LATER) is None
    assert Trial.objects.filter(state="waiting").count() == 1


def test_trial_whose_process_died_goes_on_where_it_was(day, monkeypatch):
    trial = ask(day)
    trials._claim(LATER)
    run = {"repetition": 0, "variant": 0, "numbers": {"contacts": 999.0}}
    Trial.objects.update(runs=[run])
    assert trials.run_next_trial(LATER) is None
    trials.run_next_trial(LATER + 2 * trials.LEASE)
    assert again(trial).state == "done"
    assert trial.runs[0] == run
    assert len(trial.runs) == 4


def test_trial_that_is_interrupted_again_and_again_fails_with_a_sentence(day):
    trial = ask(day)
    Trial.objects.update(state="running", tries=3, leased_until=LATER)
    trials.run_next_trial(LATER + 2 * trials.LEASE)
    assert again(trial).state == "failed"
    assert "interrupted" in problems.describe_problem(trial.problem)


def test_days_that_cannot_be_read_fail_with_a_sentence(day):
    trial = ask(day, first=DAY - timedelta(days=9), last=DAY - timedelta(days=8))
    trials.run_next_trial(LATER)
    assert (again(trial).state, trial.problem) == ("failed", "nothing_came")


def test_process_that_ends_by_itself_is_told(day, monkeypatch):
    monkeypatch.setattr(process, "COMMAND", ("/bin/false",))
    trial = ask(day)
    trials.run_next_trial(LATER)
    assert (again(trial).state, trial.problem) == ("failed", "ended")


def test_stopped_trial_stays_stopped(day):
    trial = ask(day)
    trials._claim(LATER)
    assert trials.stop_trial(trial, now=LATER)
    assert not trials.stop_trial(trial, now=LATER)
    assert not trials._is_mine(trial)
    assert again(trial).state == "stopped"


def test_sweep_starts_nothing_where_nothing_waits_or_one_runs(day):
    assert trials.start_next_trial(LATER) is False
    ask(day)
    Trial.objects.update(state="running", leased_until=LATER + trials.LEASE)
    assert trials.start_next_trial(LATER) is False


def test_old_trials_are_forgotten(day, monkeypatch):
    ask(day)
    newest = ask(day, MORE)
    monkeypatch.setattr(trials, "KEPT", 1)
    assert trials.delete_old_trials(LATER) == 1
    assert Trial.objects.get() == newest


@pytest.mark.parametrize(
    ("variants", "fields", "code"),
    [
        ([], {}, "nothing_to_compare"),
        ([{"kind": "baseline", "name": "nonsense"}], {}, "bad_variant"),
        ([{"kind": "as_is"}], {}, "bad_variant"),
        ([{"kind": "version", "version": 99}], {}, "no_version"),
        ([{"kind": "numbers", "parameters": None}], {}, "no_numbers"),
        ([{"kind": "numbers", "parameters": {"nonsense": 1}}], {}, "bad_parameters"),
        ([MORE | {"more": 0}], {}, "no_more"),
        ([MORE | {"more": 51}], {}, "no_more"),
        ([MORE | {"until": "25:00"}], {}, "no_hours"),
        ([MORE | {"until": "09:00"}], {}, "no_hours"),
        ([{"kind": "without", "agent": 0}], {}, "no_person"),
        ([{"kind": "slot", "slot": 0}], {}, "no_slot"),
        ([MORE | {"more": n} for n in range(1, 7)], {}, "too_many_variants"),
        ([BEST], {"first": None}, "no_days"),
        ([BEST], {"first": DAY + timedelta(days=1)}, "bad_days"),
        ([BEST], {"last": DAY + timedelta(days=30)}, "bad_days"),
        ([BEST], {"first": date(1999, 1, 1), "last": date(1999, 1, 2)}, "bad_days"),
        ([BEST], {"first": DAY - timedelta(days=7)}, "too_many_days"),
        ([BEST], {"queues": []}, "no_queues"),
        ([BEST], {"repetitions": 1}, "no_repetitions"),
        ([BEST], {"repetitions": 21}, "no_repetitions"),
    ],
)
def test_question_that_will_not_do_is_refused_with_a_sentence(cast, variants, fields, code):
    options = {"queues": [cast.orders.pk], "first": DAY, "last": DAY, "repetitions": 2} | fields
    with pytest.raises(Invalid) as refused:
        trials.start_trial(
            options["queues"], options["first"], options["last"], variants, by=cast.acting("carol"),
            now=LATER, zone="UTC", repetitions=options["repetitions"],
        )  # fmt: skip
    assert refused.value.code == code
    assert "%(" not in str(refused.value.sentence)


def test_invented_day_knows_nobody(day):
    bob = there(day.bob)
    with pytest.raises(Invalid, match="invented"):
        ask(day, {"kind": "without", "agent": bob.pk}, kind="busy")


def test_questions_do_not_pile_up(day):
    for _ in range(trials.MOST_WAITING):
        ask(day)
    with pytest.raises(Invalid, match="already running"):
        ask(day)


def test_slot_of_another_week_counts_on_its_weekday(day):
    begin = NOON + timedelta(days=14)
    slot = Slot.objects.create(queue=day.orders, during=(begin, begin + timedelta(hours=2)), seats=2)
    trial = ask(day, {"kind": "slot", "slot": slot.pk})
    kept = trial.question["variants"][1]
    assert (kept["seats"], kept["begin"][:13]) == (2, "2026-11-18T13")  # noon UTC in Paris
    assert report.label_variants(trial)[1].startswith("Slot filled: Wed 18 Nov, 13:00")
    thursday = Slot.objects.create(
        queue=day.orders, during=(begin + timedelta(days=1), begin + timedelta(days=1, hours=2))
    )
    with pytest.raises(Invalid, match="other days"):
        ask(day, {"kind": "slot", "slot": thursday.pk})


def test_trials_are_seen_by_whoever_supervises_all_their_queues(day):
    own = ask(day)
    other = ask(day, queues=[day.orders.pk, make.queue("wine").pk])
    see = {name: set(Trial.objects.visible_to(day.acting(name))) for name in ("carol", "alice", "admin")}
    assert see == {"carol": {own}, "alice": set(), "admin": {own, other}}


def test_verdict_calls_clear_only_what_its_interval_leaves_clear():
    base = {
        name: {"mean": mean, "half": 0.01} for name, mean in (("kept", 0.5), ("jain", 0.9), ("level_3", 0.6))
    }
    other = {
        "kept": {"mean": 0.8, "half": 0.01, "difference": {"mean": 0.3, "half": 0.1}},
        "jain": {"mean": 0.91, "half": 0.01, "difference": {"mean": 0.01, "half": 0.02}},
        "level_3": {"mean": 0.9, "half": 0.01, "difference": {"mean": 0.3, "half": 0.1}},
        "promises": {"mean": 40}, "contacts": {"mean": 40}, "skilled": {"mean": 29},
    }  # fmt: skip
    asked = {"zone": "UTC", "variants": [{"kind": "as_is"}, BEST]}
    (verdict,) = report.compare_variants(Trial(question=asked, result={"table": [base, other]}))
    assert verdict.better == ["promises kept (80.0\u00a0% instead of 50.0\u00a0%)"]
    assert verdict.same == ["answers by somebody of level 3", "evenness of work"]
    assert verdict.worse == verdict.other == []


def test_real_waits_stand_beside_the_simulated_ones():
    told = {
        "contacts": 40, "counts": {"voice": 40}, "people": 2, "guessed": 0, "elsewhere": 0, "backlog": 0,
        "mails": 0, "mails_measured": 0, "mail_seconds": 420, "live_unknown": 0,
        "voice_patience": [90, 8, False], "voice_waited": [40, 25.0, 0.2],
    }  # fmt: skip
    found = assumptions.list_assumptions(Trial(result={"assumed": told}))
    assert "Callers wait 1 min in the mean before they give up, judging by the 8 who did." in found
    assert any("waited 25 s on average and 20.0\u00a0% gave up" in line for line in found)


def test_command_gives_the_same_numbers_as_the_page(cast):
    now = database_now()
    yesterday = (now - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    agent = there(cast.alice, yesterday, schedule="planned")
    Shift.objects.create(agent=agent, during=(yesterday, yesterday + timedelta(hours=4)))
    Leave.objects.all().delete()
    make.ticket(cast.web, cast.dana, now=yesterday)
    day = yesterday.date()
    trial = trials.start_trial(
        [cast.orders.pk], day, day, [BEST], by=Actor.for_user(cast.carol), now=now, zone="UTC", repetitions=2
    )
    trials.run_next_trial(now)
    out = StringIO()
    options = [
        "--from",
        str(day),
        "--policy",
        "best skill",
        "--queue",
        "orders",
        "--repetitions",
        "2",
        "--json",
    ]
    call_command("simulate", "recorded", *options, stdout=out)
    told = json.loads(out.getvalue())
    trial.refresh_from_db()
    assert list(told["numbers"].values()) == trial.result["table"]


@pytest.mark.parametrize(
    "options",
    [
        ["--queue", "nonsense"],
        ["--policy", "nonsense"],
        ["--policy", "99"],
        ["--more", "2"],
        ["--from", "2999-01-01"],
    ],
)
def test_command_says_what_is_wrong(cast, options):
    with pytest.raises(CommandError):
        call_command("simulate", "recorded", *options)
