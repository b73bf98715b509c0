"""A channel from outside keeps what every channel keeps, by its folder alone."""

import json

import pytest

from tests import make
from tests.tickets.channels.contract import Sample, SideBySideContract


class TestTextMessages(SideBySideContract):
    slug = "sms"

    @pytest.fixture(autouse=True)
    def opened(self, cast):
        self.door = make.channel("sms", cast.orders)

    def channel(self, cast):
        return self.door

    def sample(self, cast, number=1):
        told = {"from": "+33612345678", "text": f"My lamp broke {number} times."}
        return Sample(json.dumps(told).encode(), f"sms-{number}")
