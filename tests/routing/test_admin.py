"""Configuration of routing through the admin site: who may, and what a change brings about."""

import json

import pytest
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from routing.dispatch import policies
from routing.models import Agent, Leave, Policy, Shift, ShiftPattern
from tests.cast import NOON
from tests.routing.scene import there
from tickets.errors import Invalid
from tickets.models import Event

PAGES = ["agent", "skill", "queueskill", "queuerules", "shift", "decision"]


def page(model, verb="changelist", *args):
    return reverse(f"admin:routing_{model}_{verb}", args=args)


@pytest.mark.parametrize("model", PAGES)
def test_administrators_and_supervisors_see_the_lists_agents_do_not(client, cast, model):
    there(cast.alice)
    for user, status in ((cast.admin, 200), (cast.alice, 403)):
        client.force_login(user)
        assert client.get(page(model)).status_code == status


@pytest.mark.parametrize("model", [name for name in PAGES if name != "decision"])
def test_every_form_opens(client, cast, model):
    client.force_login(cast.admin)
    assert client.get(page(model, "add")).status_code == 200


def formset(prefix, *rows):
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def span(starts, ends):
    moments = [("starts", *starts.split()), ("ends", *ends.split())]
    return {f"{name}_{place}": part for name, *parts in moments for place, part in enumerate(parts)}


def agent_form(**changes):
    return {
        "is_active": "on",
        "works_from": "home",
        "languages": ["en", "fr"],
        "time_zone": "Europe/Paris",
        "schedule": "planned",
        "chat_limit": "3",
        "places": "7",
        "helps_a_week": "2",
        **formset("skills"),
        **formset("patterns"),
        **formset("leaves"),
        **changes,
    }


def test_supervisor_changes_an_agent_and_shifts_are_laid(client, cast):
    alice = there(cast.alice)
    client.force_login(cast.carol)
    monday = formset("patterns", {"weekday": "0", "starts": "09:00", "ends": "17:00"})
    away = span("2026-12-24 08:00", "2026-12-28 08:00") | {"note": "Noël"}
    answer = client.post(page("agent", "change", alice.pk), agent_form(**monday, **formset("leaves", away)))
    assert answer.status_code == 302, answer.context["errors"]
    alice.refresh_from_db()
    assert (alice.languages, alice.places, alice.works_from) == (["en", "fr"], 7, "home")
    assert ShiftPattern.objects.get().agent == alice
    assert Shift.objects.filter(agent=alice).count() >= 8
    assert Leave.objects.get().note == "Noël"
    assert Event.objects.filter(kind="config.changed").exists()


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Base"}, {"chat_limit": "9"}, {"languages": ["xx"]}])
def test_agent_form_refuses_what_cannot_be(client, cast, wrong):
    alice = there(cast.alice)
    client.force_login(cast.admin)
    answer = client.post(page("agent", "change", alice.pk), agent_form(**wrong))
    assert (answer.status_code, Agent.objects.get(pk=alice.pk).places) == (200, 5)


def test_overlapping_shift_is_refused_in_words(client, cast):
    alice = there(cast.alice)
    client.force_login(cast.admin)
    form = {"agent": alice.pk, **span("2026-12-01 09:00", "2026-12-01 12:00")}
    assert client.post(page("shift", "add"), form).status_code == 302
    again = client.post(page("shift", "add"), form)
    assert "This person already works at that time." in again.content.decode()


def test_routing_rules_lead_to_their_own_page(client, cast):
    client.force_login(cast.admin)
    for address in (page("policy"), page("policy", "add")):
        assertRedirects(client.get(address), reverse("routing:policies"))


def test_policy_with_an_unknown_parameter_is_refused_by_name(cast):
    with pytest.raises(Invalid, match="There is no routing parameter “reserves”"):
        policies.create_policy({"reserves": 1}, by=cast.acting("admin"), now=NOON, note="")
    assert not Policy.objects.exists()


def test_policies_are_numbered_and_one_is_in_force(cast):
    admin = cast.acting("admin")
    for reserve in (0, 2):
        policies.create_policy({"reserve": reserve}, by=admin, now=NOON, note="try").put_in_force(
            by=admin, now=NOON
        )
    assert list(Policy.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    assert (Policy.in_force().version, Policy.in_force().reserve) == (2, 2.0)


def test_old_policy_cannot_be_changed(client, cast):
    policy = Policy.objects.create(version=1, parameters={"reserve": 1})
    client.force_login(cast.admin)
    client.post(page("policy", "change", policy.pk), {"parameters": json.dumps({"reserve": 9}), "note": ""})
    policy.refresh_from_db()
    assert policy.parameters == {"reserve": 1}


def test_policy_is_put_in_force_once(cast):
    policy = Policy.objects.create(version=1)
    assert policy.put_in_force(by=cast.acting("admin"), now=NOON)
    assert not policy.put_in_force(by=cast.acting("admin"), now=NOON)
