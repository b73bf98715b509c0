"""What a browser may send."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.channels.chat import frames
from tickets.errors import DomainError

ID = "0b3a8c7e-5d1f-4c2b-9a6e-1f2d3c4b5a69"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_frame"),
        ("[]", "bad_frame"),
        ("[" * 9000, "bad_frame"),
        ('{"type": "dance"}', "bad_frame"),
        ('{"type": ["say"]}', "bad_frame"),
        ('{"type": "say", "client_id": "7", "text": "Hello"}', "bad_frame"),
        (json.dumps({"type": "say", "client_id": ID, "text": 7}), "bad_frame"),
        (json.dumps({"type": "say", "client_id": ID, "text": " \n "}), "empty"),
        (json.dumps({"type": "say", "client_id": ID, "text": "a" * 4001}), "too_long"),
        (json.dumps({"type": "say", "client_id": ID, "text": "é" * 16384}), "too_large"),
        ('{"type": "hello", "last": -1}', "bad_frame"),
        ('{"type": "hello", "last": true}', "bad_frame"),
        ('{"type": "seen", "seq": 99999999999}', "bad_frame"),
        ('{"type": "introduce", "email": "dana at petit"}', "bad_email"),
    ],
)
def test_refuses_what_is_no_frame(text, code):
    with pytest.raises(DomainError) as refused:
        frames.parse_frame(text)
    assert refused.value.code == code


def test_a_message_keeps_its_lines_and_loses_what_cannot_be_stored():
    read = frames.parse_frame(f'{{"type":"say","client_id":"{ID}","text":" one\\r\\ntwo\\u0000\\ud800 "}}')
    assert read == frames.Say(UUID(ID), "one\ntwo?")


def test_an_address_is_taken_in_lower_case():
    read = frames.parse_frame('{"type":"introduce","email":"Dana@Petit.example"}')
    assert read == frames.Introduce(name="", email="dana@petit.example")


def test_a_refused_frame_is_named_by_its_client_id():
    assert frames.read_client_id(json.dumps({"client_id": ID})) == ID
    assert frames.read_client_id("[1]") == frames.read_client_id("no json") == ""


@given(
    st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(json.dumps)
)
def test_what_is_no_frame_is_refused_in_a_sentence(text):
    with pytest.raises(DomainError) as refused:
        frames.parse_frame(text)
    assert str(refused.value.sentence)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(sorted(frames.READERS))},
        optional={
            name: st.none() | st.integers() | st.text() | st.booleans()
            for name in ("client_id", "text", "token", "last", "seq", "email", "name", "id", "page")
        },
    )
)
def test_fields_of_any_kind_are_read_or_refused(fields):
    try:
        frame = frames.parse_frame(json.dumps(fields))
    except DomainError:
        return
    assert type(frame).__name__.lower() in (
        "hello",
        "say",
        "seen",
        "introduce",
        "choose",
        "wantfile",
        "typing",
        "ping",
        "end",
    )
