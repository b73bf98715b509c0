"""Explain in words why an agent got an item, or why it still waits: in one sentence, or in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from routing.explanation import terms
from routing.explanation.people import Part, Person
from routing.models import Agent, Decision, WorkItem
from tickets import wording as times

How = Decision.How
TOLD_FACTS = 4
WELL = 4
NEARLY_EQUAL_SECONDS = 12  # what time without contact can weigh at most


@dataclass(frozen=True)
class Account:
    """All reasons of a decision, in words."""

    sentence: str
    at: datetime | None
    policy: str
    people: list[Person]
    rules: list[str]
    ruled_out: list[tuple[str, str]]
    others: list[str]


def explain_decision(decision: Decision, *, reader: int | None, now: datetime) -> str:
    """Return one sentence about a decision, for the account `reader` ("With you because …")."""
    if decision.how == How.ENGINE:
        return _chosen(decision, reader=reader, now=now)
    words = {"name": _name(decision.agent, reader), "by": str(decision.by or _("A rule"))}
    is_reader = decision.agent is not None and decision.agent.user_id == reader
    told = {
        How.KEPT: (
            _("Stays assigned to you: you already had it."),
            _("Stays assigned to %(name)s, who already had it."),
        ),
        How.TAKEN: (_("You assigned it to yourself."), _("%(name)s assigned it to themselves.")),
        How.ASSIGNED: (_("%(by)s assigned it to you."), _("%(by)s assigned it to %(name)s.")),
        How.HANDED_OVER: (_("%(by)s handed it over to you."), _("%(by)s handed it over to %(name)s.")),
        How.RELEASED: (_("You unassigned it."), _("%(name)s unassigned it.")),
        How.RETURNED: (_returned(decision.reason), _returned(decision.reason)),
        How.REFUSED: (_("It could not be assigned to you."), _("It could not be assigned to %(name)s.")),
    }[How(decision.how)]
    if (decision.how, decision.reason) == (How.TAKEN, "answered"):
        told = (
            _("You answered it, so it is assigned to you."),
            _("%(name)s answered it, so it is assigned to them."),
        )
    if (decision.how, decision.reason) == (How.TAKEN, "answered_call"):
        told = (
            _("You answered the call, so it is assigned to you."),
            _("%(name)s answered the call, so it is assigned to them."),
        )
    return (told[0] if is_reader else told[1]) % words


def explain_offer(decision: Decision, *, now: datetime) -> str:
    """Return why an item is offered to an agent, in words addressed to them. An offer assigns nothing yet."""
    facts = _facts(decision, to_them=True, now=now)
    return _("Offered to you because %(facts)s.") % {"facts": terms.join_parts(facts)}


def explain_wait(item: WorkItem, *, now: datetime) -> str:
    """Return why nobody has an item yet."""
    why = item.waiting_why
    rules = [
        text for rule in why.get("rules", ()) if (text := describe_rule(rule, _agents_of([why]), now=now))
    ]
    if rules:
        return _("Waiting: %(why)s.") % {"why": terms.join_parts(rules)}
    counts = {code: count for code, count in why.get("counts", {}).items() if code != "queue"}
    if counts:
        texts = [terms.describe_refusals(code, count) for code, count in counts.items()]
        return _("Waiting for an agent: %(why)s.") % {"why": terms.join_parts(texts)}
    if why.get("eligible"):
        return _("Waiting for its turn: it will be assigned in a moment.")
    if why:
        return _("Waiting: this queue has no agents. A supervisor can add some.")
    return _("Just received: an agent is being chosen.")


def explain_in_full(decision: Decision, *, reader: int | None, now: datetime) -> Account:
    """Return the full explanation of a decision: agents compared, rules, agents ruled out and why."""
    data = decision.data
    agents = _agents_of([data])
    people = _people(data, agents, reader=reader, now=now)
    rules = [text for rule in data.get("rules", ()) if (text := describe_rule(rule, agents, now=now))]
    named = [
        (str(agents[pk]), terms.describe_refusal(code))
        for code, pks in data.get("ruled_out", {}).items()
        for pk in pks
        if code != "queue" and pk in agents
    ]
    policy = _("Rules, version %(version)s (%(hash)s)") if decision.policy_hash else ""
    return Account(
        sentence=explain_decision(decision, reader=reader, now=now),
        at=decision.at,
        policy=policy % {"version": decision.policy_version, "hash": decision.policy_hash},
        people=people,
        rules=rules,
        ruled_out=named,
        others=_not_named(data),
    )


def explain_why_not(decision: Decision, agent: Agent, *, now: datetime) -> str:
    """Return why a person did not get an item: ruled out, or weighed and behind, and by what."""
    name, data = str(agent.user.short_name), decision.data
    if decision.agent_id == agent.pk:
        return _("It was assigned to %(name)s.") % {"name": name}
    if decision.how != How.ENGINE:
        words = {"name": name, "sentence": explain_decision(decision, reader=None, now=now)}
        return _("%(name)s was not compared: a person or a company rule decided. %(sentence)s") % words
    ruled_out = [code for code, pks in data.get("ruled_out", {}).items() if agent.pk in pks]
    if ruled_out:
        return _("%(name)s: %(why)s.") % {"name": name, "why": terms.describe_refusal(ruled_out[0])}
    if agent.pk in data.get("eligible", ()):
        return _not_first(name, agent, data)
    if not agent.user.memberships.live(now).filter(queue_id=decision.item.queue_id).exists():
        return _("%(name)s: %(why)s.") % {"name": name, "why": terms.describe_refusal("queue")}
    return _("%(name)s was not known to routing at that moment.") % {"name": name}


def _not_first(name: str, agent: Agent, data: dict[str, Any]) -> str:
    for other in data.get("runners_up", ()):
        if other["agent"] == agent.pk:
            return _behind(name, data["winner"], other)
    return _("%(name)s was eligible, but others ranked higher.") % {"name": name}


def _behind(name: str, winner: dict[str, Any], other: dict[str, Any]) -> str:
    """Say by how much a runner-up was behind, and by which terms."""
    words: dict[str, Any] = {"name": name, "n": max(0, round(winner["total"] - other["total"]))}
    if other.get("taken_by") is not None:
        return _("%(name)s got another item at the same moment.") % words
    gaps = {code: winner["terms"].get(code, 0) - seconds for code, seconds in other["terms"].items()}
    largest = sorted((code for code, gap in gaps.items() if gap >= 1), key=lambda code: -gaps[code])[:2]
    if not largest:
        return _("%(name)s ranked equally; it went to the agent idle the longest.") % words
    text = terms.join_parts([f"{terms.describe_term(code)} (+{round(gaps[code])} s)" for code in largest])
    return _("%(name)s ranked %(n)s s lower: %(told)s.") % {**words, "told": text}


def describe_rule(rule: dict[str, Any], agents: dict[int, Agent], *, now: datetime) -> str:
    """Return the effect of a rule in words; an empty string for rules that need no explanation."""
    words = dict(rule)
    words["name"] = str(agents.get(rule.get("agent", 0), _("somebody")))
    if "until" in rule:
        words["until"] = times.format_time(datetime.fromtimestamp(rule["until"], UTC).astimezone())
    return {
        "elder": _("it has waited too long and goes first"),
        "elder_turn": _("one in %(share)s new items is the longest waiting"),
        "hold": _("it is reserved for %(name)s until %(until)s"),
        "ladder": _("the best qualified are busy, and the wait is growing"),
        "reserve": _("agents are kept free for calls and chats for a while"),
        "draining": _("%(name)s receives nothing new until this can be accepted"),
        "matched": _("assigned together with other items, for the best overall result"),
        "one_per_tick": "",
        "not_reached": _("more urgent ones go first"),
    }[rule["code"]] % words


def _chosen(decision: Decision, *, reader: int | None, now: datetime) -> str:
    to_them = decision.agent is not None and decision.agent.user_id == reader
    facts = _facts(decision, to_them=to_them, now=now)
    if to_them:
        return _("Assigned to you because %(facts)s.") % {"facts": terms.join_parts(facts)}
    return _("%(name)s: %(facts)s") % {"name": _name(decision.agent, reader), "facts": ", ".join(facts)}


def _facts(decision: Decision, *, to_them: bool, now: datetime) -> list[str]:
    """Return the few facts that say most about the winner of a decision."""
    data, winner = decision.data, decision.data["winner"]
    customer = decision.item.ticket.customer.name.split(" ")[0] or _("the customer")
    texts = _told(winner, customer, is_live=decision.item.is_live, now=now)
    if _had_less_work(data):
        texts["less_work"] = {}
    if data.get("tie_break"):
        texts[data["tie_break"]] = {}
    elif _was_free_longest(data):
        texts["longest_free"] = {}
    if data.get("eligible_count") == 1:
        texts["only"] = {}
    return [terms.describe_fact(code, values, to_them=to_them) for code, values in texts.items()][:TOLD_FACTS]


def _told(
    candidate: dict[str, Any], customer: str, *, is_live: bool, now: datetime
) -> dict[str, dict[str, Any]]:
    """Return the facts worth telling about a candidate, by code, the weightiest first."""
    facts, told = candidate["facts"], {}
    if facts["known_times"]:
        often = terms.describe_frequency(
            facts["known_times"], facts["known_first_at"], facts["known_last_at"], now
        )
        told["known"] = {"customer": customer, "often": often}
    elif facts["owns_case"]:
        told["owner"] = {}
    if facts["language"]:
        told["language"] = {"language": terms.format_language(facts["language"])}
    if (facts["level"] or 0) >= WELL:
        told["level"] = {}
    if not is_live:
        used = facts["places"] - facts["places_free"]
        told["places"] = {"used": used, "places": facts["places"]}
    elif not facts["chats"]:
        told["no_chat"] = {}
    return told


def _had_less_work(data: dict[str, Any]) -> bool:
    """Say whether fairness is what put the winner before the first runner-up."""
    if not data.get("runners_up"):
        return False
    mine, other = data["winner"]["terms"], data["runners_up"][0]["terms"]
    lead = data["winner"]["total"] - data["runners_up"][0]["total"]
    return bool(lead > 0 and mine["fairness"] - other["fairness"] >= max(lead, 10))


def _was_free_longest(data: dict[str, Any]) -> bool:
    """Say whether the winner was nearly equal with others and free longer than they."""
    others = data.get("runners_up", ())
    if not others or data["winner"]["total"] - others[0]["total"] > NEARLY_EQUAL_SECONDS:
        return False
    since = data["winner"]["facts"]["free_since"]
    return all(since < other["facts"]["free_since"] for other in others)


def _people(
    data: dict[str, Any], agents: dict[int, Agent], *, reader: int | None, now: datetime
) -> list[Person]:
    weighed = [c for c in (data.get("winner"), *data.get("runners_up", ())) if c]
    largest = max((abs(seconds) for c in weighed for seconds in c["terms"].values()), default=0) or 1
    return [
        Person(
            agent=agents.get(candidate["agent"]),
            facts=_short_facts(candidate, agents, reader=reader, now=now),
            total=round(candidate["total"]),
            parts=[
                Part(terms.describe_term(code), round(seconds), round(100 * abs(seconds) / largest))
                for code, seconds in candidate["terms"].items()
                if round(seconds)
            ],
            is_chosen=candidate is data.get("winner"),
            is_elsewhere=candidate.get("taken_by") is not None,
        )
        for candidate in weighed
    ]


def _short_facts(
    candidate: dict[str, Any], agents: dict[int, Agent], *, reader: int | None, now: datetime
) -> str:
    agent = agents.get(candidate["agent"])
    to_them = agent is not None and agent.user_id == reader
    texts = _told(candidate, _("the customer"), is_live=False, now=now)
    return ", ".join(terms.describe_fact(code, values, to_them=to_them) for code, values in texts.items())


def _not_named(data: dict[str, Any]) -> list[str]:
    """Return how many more stood out for each reason than are named."""
    named = {code: len(pks) for code, pks in data.get("ruled_out", {}).items() if code != "queue"}
    rest = {code: count - named.get(code, 0) for code, count in data.get("counts", {}).items()}
    return [terms.describe_refusals(code, count) for code, count in rest.items() if count > 0]


def _agents_of(datas: list[dict[str, Any]]) -> dict[int, Agent]:
    """Return every agent that a record names, in one query."""
    named: set[int] = set()
    for data in datas:
        named |= {c["agent"] for c in (data.get("winner"), *data.get("runners_up", ())) if c}
        named |= {pk for pks in data.get("ruled_out", {}).values() for pk in pks}
        named |= {rule["agent"] for rule in data.get("rules", ()) if "agent" in rule}
    return Agent.objects.select_related("user").in_bulk(named) if named else {}


def _returned(reason: str) -> str:
    return {
        "gone": _("%(name)s no longer receives work, so it was reassigned."),
        "not_member": _("%(name)s does not work in this queue, so it was reassigned."),
        "on_leave": _("%(name)s is on leave, so it was reassigned."),
    }.get(reason, _("%(name)s is offline, so it was reassigned before it would be late."))


def _name(agent: Agent | None, reader: int | None) -> str:
    if agent is None:
        return _("Somebody")
    return _("You") if agent.user_id == reader else str(agent.user.short_name)
