"""docker-compose.yml, nginx and the image come from the table of processes, and hold no secret."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.runtime.compose import compose_file, proxy_file
from helpdesk.runtime.environment import REPOSITORY
from helpdesk.runtime.processes import PROCESSES, QUEUES
from tests.plugins.database import skip_or_fail

NOT_OURS = {"postgres", "redis", "prepare", "nginx"}
MAX_CONNECTIONS = 100
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH|_URL$")
FROM_OUTSIDE = re.compile(r"\$\{\w+:[?-][^}]*\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return loaded


@pytest.mark.parametrize(
    ("name", "text"), [("docker-compose.yml", compose_file()), ("deploy/nginx.conf", proxy_file())]
)
def test_the_files_are_what_the_table_says(name: str, text: str):
    assert (REPOSITORY / name).read_text() == text, "run: python manage.py deployment_files"


def test_compose_runs_exactly_the_tables_processes(compose: dict[str, Any]):
    services = compose["services"]
    assert set(services) - NOT_OURS == {process.name for process in PROCESSES}
    for process in PROCESSES:
        wanted = process.argv(python="python", host="0.0.0.0", port=process.port)
        assert services[process.name]["command"] == wanted


def test_every_queue_has_its_worker():
    assert {f"worker-{queue}" for queue in QUEUES} <= {process.name for process in PROCESSES}


def test_only_names_of_secrets_are_in_the_compose_file(compose: dict[str, Any]):
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if SECRET_NAMES.search(name):
                left = FROM_OUTSIDE.sub("", str(value))
                assert "password" not in left.lower()
                assert left == "" or re.fullmatch(r"(postgresql|redis)://[a-z_]*:@[a-z]+:\d+/\w+", left), name


def test_the_image_and_the_example_hold_no_secret():
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=\S", (REPOSITORY / "Dockerfile").read_text())
    example = (REPOSITORY / "deploy" / "env.example").read_text()
    assert [line for line in example.splitlines() if re.fullmatch(r"\w+=.+", line)] == []


def test_our_containers_run_without_privileges(compose: dict[str, Any]):
    assert "USER tandem" in (REPOSITORY / "Dockerfile").read_text()
    for name in {process.name for process in PROCESSES} | {"nginx", "prepare"}:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_postgresql_18_is_made_with_the_builtin_locale(compose: dict[str, Any]):
    service = compose["services"]["postgres"]
    assert service["image"] == "postgres:18"
    arguments = service["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"} <= set(arguments)


def test_all_pools_together_leave_room_in_the_database():
    assert sum(process.connections for process in PROCESSES) <= MAX_CONNECTIONS - 10


def test_containers_get_the_time_their_processes_need_to_finish(compose: dict[str, Any]):
    for process in PROCESSES:
        given = int(compose["services"][process.name]["stop_grace_period"].removesuffix("s"))
        assert given > process.stop_seconds


def test_everything_but_beat_has_a_health_check(compose: dict[str, Any]):
    unchecked = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert unchecked == {"beat", "prepare"}


def test_there_is_exactly_one_beat(compose: dict[str, Any]):
    assert [process.name for process in PROCESSES if not process.may_be_many] == ["beat"]
    assert compose["services"]["beat"]["deploy"] == {"replicas": 1}


def test_nginx_accepts_its_configuration(tmp_path: Path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if nginx is None:
        skip_or_fail("nginx is not installed (apt install nginx)")
    text = proxy_file().replace("web:8001", "127.0.0.1:8001").replace("sockets:8002", "127.0.0.1:8002")
    path = tmp_path / "nginx.conf"
    path.write_text(text.replace("/tmp/", f"{tmp_path}/"))
    done = subprocess.run([str(nginx), "-t", "-c", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
