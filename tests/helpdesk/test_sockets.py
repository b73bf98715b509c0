"""Websockets at addresses that lead nowhere."""

import pytest
from asgiref.testing import ApplicationCommunicator

from helpdesk.asgi import application


@pytest.mark.parametrize("path", ["/ws/chat/", "/ws/", "/nowhere/"])
async def test_a_socket_at_no_address_of_ours_is_refused(path):
    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b"", "subprotocols": []}
    socket = ApplicationCommunicator(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(5))["code"] == 4404
