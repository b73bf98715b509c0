"""Header values for people: encoded words, parameters, dates, ids."""

from datetime import UTC, datetime

import pytest

from tickets.channels.email.parsing import parse_email
from tickets.channels.email.parsing.digests import parse_message_ids
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.parameters import parse_value
from tickets.channels.email.parsing.encoding.words import decode_words

SUBJECTS = {
    "plain": "plain",
    "=?utf-8?q?a_=C3=A9?=": "a é",
    "=?UTF-8?B?w6k=?=": "é",
    "=?utf-8?q?one?= =?utf-8?q?_two?=": "one two",
    "=?utf-8?q?one?= and =?utf-8?q?two?=": "one and two",
    "=?utf-8?b?w?= =?utf-8?b?6k=?=": "é",
    "=?utf-8?q?=C3?= =?utf-8?q?=A9?=": "é",
    "=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=": "éé",
    "=?utf-8?q?is it? yes?=": "is it? yes",
    "=?x-martian?q?=C3=A9?=": "é",
    "=?utf-8?q?unfinished": "=?utf-8?q?unfinished",
    "=?": "=?",
    "=?utf-8?x?abc?=": "=?utf-8?x?abc?=",
    "=?utf-8?q?line=0D=0Abreak?=": "line break",
    "=?utf-8?q?=00nul?=": "nul",
    "=?utf-8*en?q?language?=": "language",
    "=?utf-8?b?!!!?=": "",
    "=?utf-8? B?w6k=?=": "é",
    "=? utf-8 ?q? =C3=A9?=": " é".strip(),
    "=?utf-8?q ?=C3=A9?= =?utf-8?q?t=C3=A9?=": "été",
}


@pytest.mark.parametrize("raw", SUBJECTS)
def test_words_are_decoded(raw):
    assert decode_words(raw.encode(), Decoder()) == SUBJECTS[raw]


PARAMETERS = {
    'text/plain; charset="utf-8"': ("text/plain", {"charset": "utf-8"}),
    "Text/PLAIN; Charset=utf-8; format=flowed": ("text/plain", {"charset": "utf-8", "format": "flowed"}),
    "text/plain; name*": ("text/plain", {}),
    "text/plain;": ("text/plain", {}),
    "charset=utf-8": ("", {"charset": "utf-8"}),
    "attachment; filename=two words.pdf": ("attachment", {"filename": "two words.pdf"}),
    'attachment; filename="a;b\\"c.pdf"': ("attachment", {"filename": 'a;b"c.pdf'}),
    'attachment; filename="never closed': ("attachment", {"filename": "never closed"}),
    "a/b; n*0*=utf-8''%C3; n*1*=%A9; n*2=.pdf": ("a/b", {"n": "é.pdf"}),
    "a/b; n*1=b; n*0=a": ("a/b", {"n": "ab"}),
    "a/b; n*=iso-8859-1'fr'%E9": ("a/b", {"n": "é"}),
    "a/b; n==?utf-8?q?=C3=A9?=": ("a/b", {"n": "é"}),
    "a/b; n=Devis%20%C3%A9t%C3%A9.pdf": ("a/b", {"n": "Devis été.pdf"}),
    'a/b; n="r%C3%A9sum%C3%A9.doc"': ("a/b", {"n": "résumé.doc"}),
    "a/b; n=100%.pdf": ("a/b", {"n": "100%.pdf"}),
    "a/b; n=50%25off.pdf": ("a/b", {"n": "50%25off.pdf"}),
    'a/b; n="50%20 off.pdf"': ("a/b", {"n": "50%20 off.pdf"}),
    "a/b; n=old; n*=utf-8''new": ("a/b", {"n": "new"}),
}


@pytest.mark.parametrize("raw", PARAMETERS)
def test_parameters_are_read(raw):
    assert parse_value(raw.encode(), Decoder()) == PARAMETERS[raw]


DATES = {
    "Mon, 3 May 2021 10:00:00 +0200": datetime(2021, 5, 3, 8, tzinfo=UTC),
    "3 May 2021 10:00 GMT": datetime(2021, 5, 3, 10, tzinfo=UTC),
    "2021-05-03T10:00:00+02:00": datetime(2021, 5, 3, 8, tzinfo=UTC),
    "Mon, 3 May 2021 10:00:00 +9999999": None,
    "Mon, 99 May 2021 10:00:00 +0000": None,
    "Mon, 3 May 0021 25:00:00": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize("raw", DATES)
def test_date_is_read_or_left_out(raw):
    assert parse_email(f"Date: {raw}\n\n".encode()).date == DATES[raw]


IDS = {
    "<a@b> <c@d>": ["a@b", "c@d"],
    "<a@b><c@d>": ["a@b", "c@d"],
    "<a@b> <a@b>": ["a@b"],
    "a@b": ["a@b"],
    "": [],
    "<>": [],
    "=?utf-8?q?=3Ca=40b=3E?=": ["a@b"],
    "=?us-ascii?Q?=3Ca=40b=3E?= =?us-ascii?Q?_=3Cc=40d=3E?=": ["a@b", "c@d"],
    "<a.long id@b>": ["a.longid@b"],
    "< a@b >": ["a@b"],
    "<a@b> (sent by <x@y>)": ["a@b"],
    "(was: <x@y>) <a@b>": ["a@b"],
    "<a(1)@b>": ["a(1)@b"],
    'Your message of "Mon, 3 May" <a@b>': ["a@b"],
    "a@b (Dana's mail of Monday)": ["a@b"],
}


@pytest.mark.parametrize("raw", IDS)
def test_ids_are_bare_and_each_once(raw):
    assert parse_message_ids([raw.encode()]) == IDS[raw]


def test_headers_of_transport_are_kept():
    raw = (
        b"Return-Path: <dana@petit.example>\nDelivered-To: support+t.abc@demo.example\n"
        b"X-Original-To: support@demo.example\nReceived: a\nReceived: b\n"
        b"Authentication-Results: mx.demo.example; dmarc=pass\nX-Tandem-Loop: demo.example;1\n"
        b"X-Original-From: Dana <dana@petit.example>\n\n"
    )
    envelope = parse_email(raw).envelope
    assert envelope.delivered_to == ("support+t.abc@demo.example",)
    assert envelope.original_to == ("support@demo.example",)
    assert (envelope.return_path, envelope.original_from) == ("dana@petit.example", "dana@petit.example")
    assert (envelope.received_count, envelope.loop) == (2, "demo.example;1")
    assert envelope.authentication_results == ("mx.demo.example; dmarc=pass",)


def test_second_from_is_named_as_a_defect():
    mail = parse_email(b"From: dana@petit.example\nFrom: mallory@mallory.example\n\n")
    assert mail.from_addr == "dana@petit.example"
    assert "more than one From field: the first was taken" in mail.defects
