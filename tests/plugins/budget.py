"""Say at the end how many minutes each area of the tests took, beside what it may take."""

from collections import defaultdict

import pytest

# Minutes by the clock that an area may take where two workers share the tests; 12 in all.
BUDGET = {"helpdesk": 5.5, "metrics": 1.0, "routing": 1.5, "tickets": 4.0}


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.tests: dict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        area = _area(report.nodeid)
        self.seconds[area] += report.duration
        self.tests[area] += report.when == "call"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if sum(self.tests.values()) == 0:
            return
        workers = int(terminalreporter.config.getoption("numprocesses", None) or 1)
        terminalreporter.write_sep("-", f"minutes by area, shared by {workers}")
        for area in sorted(BUDGET.keys() | self.seconds.keys()):
            minutes, allowed = self.seconds[area] / 60 / workers, BUDGET.get(area, 0.0)
            over = "  over its budget" if minutes > allowed else ""
            terminalreporter.write_line(
                f"{area:<10} {minutes:6.2f} of {allowed:4.1f} min  {self.tests[area]:5d} tests{over}"
            )
        total = sum(self.seconds.values()) / 60 / workers
        allowed = sum(BUDGET.values())
        terminalreporter.write_line(f"{'together':<10} {total:6.2f} of {allowed:4.1f} min")


def pytest_configure(config: pytest.Config) -> None:
    """Listen in the controller only: the workers' reports all pass there."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Clock(), "tandem-budget")


def _area(nodeid: str) -> str:
    parts = nodeid.split("/")
    return parts[1] if parts[0] == "tests" and len(parts) > 2 else "shared"
