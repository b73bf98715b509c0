"""The port that a server is told on the command line is the port of the links in its mails."""

import os

import pytest

from helpdesk.runtime import command_line


@pytest.mark.parametrize("told", [["--port", "8133"], ["--port=8133"]])
def test_port_of_the_command_line_is_in_the_public_address(monkeypatch, told):
    monkeypatch.setenv("PORT", "8000")
    command_line.heed_port(told)
    assert os.environ["PORT"] == "8133"


def test_without_one_the_environment_says_it(monkeypatch):
    monkeypatch.setenv("PORT", "8144")
    command_line.heed_port(["--noreload"])
    assert os.environ["PORT"] == "8144"
