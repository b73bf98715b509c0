"""Advisory locks are numbers that a whole installation shares: two jobs on one would wait for each other."""

import re
from collections import Counter

from helpdesk.runtime.environment import REPOSITORY

NUMBER = re.compile(r"\b7_402_\d+\b")
PACKAGES = ("helpdesk", "metrics", "routing", "tickets")


def test_every_lock_has_a_number_of_its_own():
    files = [path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")]
    uses = Counter(number for path in files for number in NUMBER.findall(path.read_text()))
    assert len(uses) > 5
    assert [number for number, count in uses.items() if count > 1] == []
