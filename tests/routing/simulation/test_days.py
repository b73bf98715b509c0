"""Simulated days: the same day for everybody, nothing lost, nobody beyond what a person can do."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from routing.engine import Medium
from routing.simulation import compare
from routing.simulation.floor import Floor
from routing.simulation.measures import gini_coefficient, jain_index, measure_day
from routing.simulation.policies.human_first import HumanFirst
from routing.simulation.workloads import WORKLOADS, draw_day

SMALL = {name: replace(WORKLOADS[name], seats=12, hours=2) for name in ("W2", "W6", "real")}


def lived(workload, name=compare.OURS, seed=1):
    return Floor(draw_day(SMALL[workload], seed), compare.make_router(name)).run()


def test_the_same_seed_draws_the_same_day_and_another_seed_another():
    assert draw_day(SMALL["W2"], 1) == draw_day(SMALL["W2"], 1)
    assert draw_day(SMALL["W2"], 1).contacts != draw_day(SMALL["W2"], 2).contacts


def test_a_day_ends_the_same_whenever_it_is_lived():
    assert measure_day(lived("W2")) == measure_day(lived("W2"))


@pytest.mark.parametrize("name", compare.router_names())
@pytest.mark.parametrize("workload", ["W6", "real"])
def test_every_contact_is_accounted_for_once(workload, name):
    floor = lived(workload, name)
    for job in floor.jobs:
        assert (job.started_at is not None) + (job.left_at is not None) + job.waits <= 1
        assert job.started_at is None or job.at <= job.started_at
    first = {job.contact.id for job in floor.jobs}
    assert first == {contact.id for contact in floor.day.contacts}


@pytest.mark.parametrize("name", compare.router_names())
def test_nobody_gets_what_they_cannot_do(name):
    floor = lived("W2", name)
    for job in floor.jobs:
        if job.started_at is not None:
            person = floor.desks[job.column].person
            assert job.contact.topic in person.topics
            assert job.contact.language in person.languages
            assert any(begin <= job.started_at <= end for begin, end in person.slots)


@pytest.mark.parametrize("name", compare.router_names())
def test_calls_have_a_person_wholly_and_chats_at_most_three(name):
    floor = lived("W2", name)
    spans = [job for job in floor.jobs if job.ended_at is not None and job.medium is not Medium.MAIL]
    for column in {job.column for job in spans}:
        own = sorted((j for j in spans if j.column == column), key=lambda j: j.started_at)
        for place, job in enumerate(own):
            beside = [o for o in own[:place] if o.ended_at > job.started_at + 1e-6]
            assert len(beside) < 3
            media = {job.medium, *(other.medium for other in beside)}
            assert not beside or Medium.VOICE not in media


def test_paired_intervals_leave_nought_out_only_when_days_agree():
    ours = [{"wait": value} for value in (1.0, 1.1, 0.9)]
    theirs = [{"wait": value} for value in (2.0, 2.1, 1.9)]
    assert compare.compare_paired(ours, theirs)["wait"].is_clear
    assert not compare.compare_paired(ours, [{"wait": 1.05}, {"wait": 0.9}, {"wait": 1.1}])["wait"].is_clear


def test_one_day_alone_gives_no_interval():
    assert not compare.confidence_interval([1.0]).is_clear


def test_fairness_of_equals_and_of_one_who_does_all():
    assert (gini_coefficient(np.ones(4)), jain_index(np.ones(4))) == (0, 1)
    assert gini_coefficient(np.array([0, 0, 0, 1.0])) == pytest.approx(0.75)
    assert jain_index(np.array([0, 0, 0, 1.0])) == pytest.approx(0.25)


def test_command_prints_one_json_object():
    out = StringIO()
    call_command(
        "simulate", "W2", "--policy", "priority", "--seed", "3", "--seats", "4", "--json", stdout=out
    )
    told = json.loads(out.getvalue())
    assert (told["scenario"], told["policy"], told["seed"]) == ("W2", "priority", 3)
    assert 0 <= told["voice_in_20_s"] <= 1


def test_command_needs_no_database():
    nowhere = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nowhere"}
    command = ["manage.py", "simulate", "W2", "--policy", "priority", "--seats", "4", "--json"]
    done = subprocess.run(
        [sys.executable, *command], env=nowhere, cwd=settings.BASE_DIR, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["seats"] == 4


def test_asking_about_everything_changes_little():
    day = draw_day(SMALL["W2"], 1)
    told = [measure_day(Floor(day, HumanFirst(asks_all=asks_all)).run()) for asks_all in (False, True)]
    assert told[0].voice_in_20_s == pytest.approx(told[1].voice_in_20_s, abs=0.1)
