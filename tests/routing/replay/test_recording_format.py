"""What a pass saw survives being packed: the same decisions come out, to the last digit."""

from hypothesis import given

from routing.engine import Policy
from routing.engine.deciding import decide
from routing.engine.team import Team
from routing.replay.recording_format import pack_recording, unpack_recording
from tests.routing.engine.test_properties import AGENT_LISTS, ITEM_LISTS
from tests.routing.engine.values import NOW, agent, item


@given(ITEM_LISTS, AGENT_LISTS)
def test_unpacked_scene_is_decided_the_same(items, agents):
    team, policy = Team.of(agents), Policy(version=3, reserve=2.0, demand=(("en", 0.5),))
    again, people, rules = unpack_recording(pack_recording(items, team, policy))
    assert (again, rules) == (items, policy)
    assert decide(again, people, rules, NOW) == decide(items, team, policy, NOW)


def test_column_that_became_another_is_packed_anew():
    team = Team.of([agent(1), agent(2)])
    before = pack_recording([item()], team, Policy())
    assert pack_recording([item()], team, Policy()) == before
    team.places = team.places + 1
    assert unpack_recording(pack_recording([item()], team, Policy()))[1].places.tolist() == [6, 6]
