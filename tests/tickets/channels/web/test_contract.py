"""The web form keeps what every channel keeps."""

from tests.tickets.channels.contract import Sample, SideBySideContract
from tickets.channels.web.adapter import build_document


class TestWeb(SideBySideContract):
    slug = "web"

    def sample(self, cast, number=1):
        form = {"email": "dana@petit.example", "subject": "Lamp", "text": f"It broke {number} times."}
        return Sample(build_document(form, [("lamp.jpg", "image/jpeg", b"photo")]), f"form-{number}")
