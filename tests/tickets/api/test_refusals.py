"""Error answers stay small, however large the refused request was."""

import json


def test_a_body_of_many_unknown_names_is_told_of_the_first_only(api, cast):
    body = {f"k{number}": 0 for number in range(100_000)}
    answer = api("post", "tickets/", raw=json.dumps(body).encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert len(answer.json()["fields"]) == 20
    assert len(answer.content) < 5000
