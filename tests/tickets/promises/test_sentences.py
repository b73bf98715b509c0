"""Every sentence that announces something to customers names the test that proves it."""

from __future__ import annotations

import ast

import pytest

from tests.tickets.promises import said
from tickets.portal.thanks import Thanks

PROOFS = said.proofs()


def test_nothing_is_said_to_happen_without_a_proof():
    unproved = said.about_the_future() - PROOFS.keys()
    assert unproved == set(), "name the test that proves it in proofs.txt, or do not say it"


def test_what_is_no_longer_said_needs_no_proof():
    assert PROOFS.keys() - said.sentences() == set()


@pytest.mark.parametrize("proof", sorted({*PROOFS.values()} - {said.NO_PROMISE}))
def test_every_proof_is_a_test(proof):
    path, _, name = proof.partition("::")
    tree = ast.parse((said.ROOT / path).read_text())
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in tests


@pytest.mark.parametrize(
    "sentence",
    [
        "You will have your money tomorrow.",
        "A colleague calls you today.",
        "We'll write to you again.",
        "This link expires after an hour.",
        "Somebody is on the way and will be with you in a minute.",
        "We answer within two hours.",
        "We shall refund you in full.",
        "You get a mail from us each day.",
    ],
)
def test_a_sentence_about_the_future_is_recognised(sentence):
    assert said.FUTURE.search(sentence)


@pytest.mark.parametrize(
    ("address", "can_be_told"), [("dana@petit.example", True), ("", False), ("noreply@petit.example", False)]
)
def test_only_who_can_be_told_is_said_to_be(address, can_be_told, now):
    assert Thanks(address).in_words(now)["can_be_told"] is can_be_told
