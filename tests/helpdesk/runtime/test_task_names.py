"""Tasks are started by name, which no import checks: a wrong name would be lost without a word."""

import re
from pathlib import Path

import pytest

from helpdesk.celery import app

ROOT = Path(__file__).parents[3]
PACKAGES = ("helpdesk", "metrics", "routing", "tickets")
NAME = re.compile(r'"((?:\w+\.)+tasks\.\w+)"')

SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
STARTED = sorted({name for path in SOURCES for name in NAME.findall(path.read_text())})


@pytest.mark.parametrize("name", STARTED)
def test_task_started_by_name_exists(name):
    app.loader.import_default_modules()
    assert name in app.tasks
