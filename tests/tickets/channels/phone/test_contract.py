"""The phone keeps what every channel keeps, in each of its formats."""

import json

from tests.tickets.channels.contract import ChannelContract, Sample, SideBySideContract
from tickets.channels.phone.payloads import typed
from tickets.channels.phone.report import CallReport, Told


class TestGeneric(SideBySideContract):
    slug = "phone"

    def sample(self, cast, number=1):
        event = {
            "event": "call.missed",
            "call_id": f"c{number}",
            "from": "+33612345678",
            "to": "+33142000000",
        }
        return Sample(json.dumps(event).encode(), f"event-{number}", {"format": "generic"})


class TestTwilio(ChannelContract):
    slug = "phone"

    def sample(self, cast, number=1):
        raw = (
            f"CallSid=CA{number}&CallStatus=no-answer&From=%2B33612345678&To=%2B33142000000&Direction=inbound"
        )
        return Sample(raw.encode(), f"CA{number}.no-answer", {"format": "twilio"})


class TestAsterisk(ChannelContract):
    slug = "phone"

    def sample(self, cast, number=1):
        event = {
            "Event": "DialEnd",
            "Linkedid": f"17.{number}",
            "CallerIDNum": "0612345678",
            "DialStatus": "BUSY",
        }
        return Sample(json.dumps(event).encode(), f"17.{number}", {"format": "asterisk"})


class TestTyped(ChannelContract):
    slug = "phone"

    def sample(self, cast, number=1):
        from tests.cast import NOON

        told = Told("answered", NOON, NOON.timestamp(), ended_at=NOON, agent="alice@demo.example")
        report = CallReport(call_id=f"typed-{number}", told=told, number="+33612345678", note="She called.")
        return Sample(typed.document(report), report.call_id, {"format": typed.FORMAT})
