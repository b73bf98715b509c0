"""A command whose settings are wrong says so before it starts, stops or waits for any database server."""

from pathlib import Path

import pytest

from helpdesk.embedded.lease import addresses_file
from tests.helpdesk.embedded.program import Program, run

PUBLIC = {"TANDEM_PUBLIC_URL": "https://help.example.org"}


@pytest.mark.parametrize("command", ["up", "dev", "showmigrations", "bench"])
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"TANDEM_DEBUG": "1", **PUBLIC}, "TANDEM_DEBUG shows code and settings"),
        ({"TANDEM_DEMO_PASSWORD": "short"}, "TANDEM_DEMO_PASSWORD is too short"),
        ({"TANDEM_TRUSTED_PROXIES": "proxy"}, "TANDEM_TRUSTED_PROXIES takes IP addresses"),
    ],
    ids=["debug", "secret", "addresses"],
)
def test_wrong_settings_are_refused_before_a_server_is_touched(
    command: str, wrong: dict[str, str], sentence: str, data: Path
):
    done = run(data, command, **wrong)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not {"run", "postgres"} & {path.name for path in data.iterdir()}


def test_debug_for_developers_is_refused_at_once_where_others_could_see_it(data: Path):
    done = run(data, "dev", **PUBLIC)
    assert done.returncode == 1
    assert "TANDEM_DEBUG shows code and settings" in done.stderr
    assert not (data / "postgres").exists()


def test_the_address_that_a_power_cut_left_empty_keeps_nobody_from_starting(tandem: Program):
    path = addresses_file(tandem.data)
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    assert tandem.start().get("/healthz")[0] == 200
