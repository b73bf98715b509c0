"""What the chat's tests share."""

import pytest
from django.db import connections

from tests.tickets.channels.chat.pages import Helpdesk
from tickets.channels.chat import hub


@pytest.fixture
async def quick(transactional_db, monkeypatch):
    """Look at the rows ten times a second, so that no test waits for a hint that nobody rings.

    Rows read in an async test use a connection of that test's own; it is closed here.
    """
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.1)
    own = connections["default"]
    yield
    own.close()


@pytest.fixture
def helpdesk(transactional_db, monkeypatch):
    """Serve pages and sockets on one port; the test may stop them and start them again."""
    monkeypatch.setattr(hub, "POLL_SECONDS", 0.2)
    server = Helpdesk()
    server.start()
    yield server
    server.stop()
