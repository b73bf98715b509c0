"""Other projects' mails, where they lie beside this checkout: they are read in place, never copied."""

import json
import runpy
from functools import cache
from types import SimpleNamespace

import pytest

from tests.plugins.corpora import CORPORA, needs_collection
from tickets.channels.email.parsing import parse_email

pytestmark = needs_collection("score.py")

# Share of the mails with expectations that must be wholly right; docs/email-parsing.md lists the rest.
RIGHT = {
    "chatwoot": 1.0,
    "django_helpdesk": 1.0,
    "email_reply_trimmer": 0.92,
    "flufl_bounce": 1.0,
    "mikel_mail": 1.0,
    "stalwart": 0.93,
    "talon": 0.90,
}


@cache
def scorer():
    return SimpleNamespace(**runpy.run_path(str(CORPORA / "score.py")))


def cases(corpus):
    lines = (CORPORA / corpus / "cases.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def raw_of(corpus, case):
    return scorer().wrap((CORPORA / corpus / case["raw"]).read_bytes(), case["input"])


def as_scored(mail):
    files = [(a.filename, a.content_type, a.size) for a in mail.attachments]
    return {**mail.to_dict(), "attachments": files}


@pytest.mark.parametrize("corpus", RIGHT)
def test_mails_are_read_as_their_projects_expect(corpus):
    wrong = []
    expected = [case for case in cases(corpus) if case["expect"]]
    for case in expected:
        got = as_scored(parse_email(raw_of(corpus, case)))
        wrong += [case["id"]] * any(not good for _, good, _, _ in scorer().check(case["expect"], got))
    assert len(wrong) <= (1 - RIGHT[corpus]) * len(expected), wrong


@pytest.mark.parametrize("corpus", RIGHT)
def test_no_mail_is_beyond_reading(corpus):
    for case in cases(corpus):
        mail = parse_email(raw_of(corpus, case))
        assert not [defect for defect in mail.defects if defect.startswith("could not be read")], case["id"]
        json.dumps(mail.to_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize("corpus", ["email_reply_trimmer", "talon"])
def test_no_word_of_an_answer_is_lost(corpus):
    signatures = {"talon/iphone.eml", "talon/sparrow.eml"}  # these expect the signature to stay
    for case in cases(corpus):
        expected = case["expect"].get("reply_text", "")
        if case["id"] not in signatures:
            new = parse_email(raw_of(corpus, case)).reply_text
            assert scorer().words(expected) <= scorer().words(new), case["id"]


@pytest.mark.parametrize("corpus", ["chatwoot", "stalwart", "talon", "mikel_mail"])
def test_no_person_is_taken_for_a_machine(corpus):
    for case in cases(corpus):
        if case["expect"].get("is_auto") is False:
            assert not parse_email(raw_of(corpus, case)).is_auto, case["id"]
