"""The old mail inside a forward, whatever the text: offsets hold, nothing is lost, time is bounded."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from tickets.channels.email.reply.forwarded import (
    MOST_FOUND,
    find_old_mails,
    split_forward,
    strip_forward_prefix,
)

PIECES = [
    "---------- Forwarded message ---------\n", "-----Original Message-----\n", "Begin forwarded message:\n",
    "-------- Message transféré --------\n", "From: Dana <dana@new.example>\n", "De\xa0: Dana\n", "From:\n",
    "Sent: Monday, May 3, 2027 9:00 AM\n", "Date: Mon, 3 May 2027 at 09:00\n", "To: Alice <a@demo.example>\n",
    "Subject: My lamp\n", "\n", "> ", "Where is my lamp?\n", "\r\n", "________________\n", "\u202f:",
    "Reply-To: x@y.example\n",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(TEXTS)
def test_lines_and_words_are_pieces_of_the_text(text):
    found = find_old_mails(text)
    assert len(found) <= MOST_FOUND
    for old in found:
        assert 0 <= old.ends <= old.starts <= len(text)
        assert old.address == "".join(old.address.lower().split())
        lines, words = split_forward(text, old)
        said = [line.strip("> \t\r").strip() for line in text[old.starts :].splitlines()]
        kept = [line.strip("> \t\r").strip() for line in f"{lines}\n{words}".splitlines()]
        assert [line for line in said if line and line not in kept] == []


@given(st.text(max_size=60))
def test_a_subject_without_its_marks_is_its_end(subject):
    assert subject.rstrip().endswith(strip_forward_prefix(subject))


def test_many_headers_take_a_bounded_time():
    for text in (
        "From: a@b.example\n" * 50_000,
        "> " * 100_000,
        "-----Original Message-----\nDe : \n" * 20_000,
    ):
        started = time.process_time()
        find_old_mails(text)
        assert time.process_time() - started < 1
