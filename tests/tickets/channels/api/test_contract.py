"""The API as a channel keeps what every channel keeps."""

import json

import pytest

from tests import make
from tests.tickets.channels.contract import Sample, SideBySideContract


class TestApi(SideBySideContract):
    slug = "api"

    @pytest.fixture(autouse=True)
    def opened(self, cast):
        self.door = make.channel("api", cast.orders)

    def channel(self, cast):
        return self.door

    def sample(self, cast, number=1):
        document = {
            "customer": {"email": "dana@petit.example", "name": "Dana"},
            "subject": "Lamp",
            "text": f"It broke {number} times.",
        }
        return Sample(json.dumps(document).encode(), f"api-{number}")
