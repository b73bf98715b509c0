"""Where CI=true, a skipped test is a failed run: every server the tests want has to be there.

The one excuse: collections that a stranger's clone cannot have (tests/plugins/corpora.py).
"""

import os

import pytest

from tests.plugins.corpora import ABSENT


class _Watch:
    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and not _is_excused(report):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.write_line("CI=true and these were skipped, so the run has failed:", red=True)
            for nodeid in self.skipped:
                terminalreporter.write_line(f"  {nodeid}")


def _is_excused(report: pytest.TestReport) -> bool:
    return isinstance(report.longrepr, tuple) and report.longrepr[2] == f"Skipped: {ABSENT}"


def pytest_configure(config: pytest.Config) -> None:
    """Watch in the controller only."""
    if os.environ.get("CI", "").lower() in ("1", "true") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Watch(), "tandem-nothing-skipped")
