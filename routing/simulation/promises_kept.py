"""The share of promises kept on simulated days: of the first ones, and of the last after changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from routing.engine import Policy
from routing.simulation import compare
from routing.simulation.floor import Floor
from routing.simulation.recorded import Stretch
from routing.simulation.watched import Watched
from routing.simulation.workloads import Workload, draw_day


def live(workload: Workload, seed: int) -> dict[str, float]:
    """Live through a day with our router; return the fields of `promised_anew.Told`, of written requests."""
    day, policy = draw_day(workload, seed), Policy()
    rules = {"chat": policy.chat, "mail": policy.mail}
    stretch = Stretch(
        starts_at=0.0,
        length=day.length,
        arrivals=(),
        people=(),
        usual={name: rule.handling_seconds for name, rule in rules.items()},
        targets={name: rule.target_seconds for name, rule in rules.items()},
    )
    watched = Watched(compare.make_router(compare.OURS), stretch)
    Floor(day, watched).run()
    return asdict(watched.promises.told())


def together(days: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the promises of several days, and their shares with each promise counting once."""
    count = sum(day["promises"] for day in days)
    names = [name for name in days[0] if name != "promises"]
    shares = {name: sum(day[name] * day["promises"] for day in days) / max(count, 1) for name in names}
    return {"promises": count, **{name: round(value, 4) for name, value in shares.items()}}
