"""The command that prints what the parser sees."""

import json
from io import BytesIO, StringIO, TextIOWrapper

from django.core.management import call_command

from tests.tickets.channels.email import samples

KEYS = [
    "file", "subject", "from_addr", "from_name", "to", "cc", "reply_to", "date", "text", "html", "reply_text",
    "attachments", "message_id", "in_reply_to", "references", "is_auto", "auto_reason",
    "is_bounce", "defects",
]  # fmt: skip


def printed(*files):
    out = StringIO()
    call_command("parse_email", *map(str, files), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_line_for_each_file():
    files = [samples.FOLDER / "plain.eml", samples.FOLDER / "alternative_with_inline_image.eml"]
    first, second = printed(*files)
    assert (first["file"], first["subject"]) == (str(files[0]), "My lamp")
    assert second["attachments"][0] == {
        "filename": "image.png",
        "content_type": "image/png",
        "size": 70,
        "content_id": "lamp@petit.example",
        "inline": True,
    }


def test_every_line_has_the_documented_keys(tmp_path):
    (tmp_path / "junk").write_bytes(bytes(range(256)))
    for line in printed(samples.FOLDER / "bounce_postfix.eml", tmp_path / "junk", tmp_path / "missing"):
        assert list(line) == KEYS


def test_file_that_cannot_be_read_is_a_defect(tmp_path):
    (line,) = printed(tmp_path / "missing")
    assert line["defects"] == ["the file cannot be read: No such file or directory"]


def test_mail_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(samples.read("plain"))))
    (line,) = printed()
    assert (line["file"], line["text"]) == ("-", "Bonjour, ma lampe est cassée. €")
