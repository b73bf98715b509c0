"""Any process may die at any time: what was acknowledged, or sent until it was, is there exactly once.

A mail whose sending is cut after its last dot may reach the other server twice, with one Message-ID; its
row in the outbox is never doubled.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from random import Random

import psycopg
import pytest

from helpdesk.embedded.place import find_place
from tests.helpdesk.whole_way.answerer import Answerer
from tests.helpdesk.whole_way.house import House, open_house
from tests.helpdesk.whole_way.killer import Killer
from tests.helpdesk.whole_way.peer import text_of
from tests.helpdesk.whole_way.writers import (
    AtOnce,
    Unlucky,
    Visitor,
    report_call,
    send_form,
    send_mail,
    until_it_works,
)

SEED = 20261122
SECONDS = 9.0  # in which everybody begins to write
FORMS, MAILS, CALLS, CHATS, WORDS = 10, 10, 6, 3, 6
UNDER_WAY = """
SELECT count(*) FROM tickets_outbound o JOIN tickets_channel c ON c.id = o.channel_id
WHERE c.slug = 'email' AND o.state IN ('held', 'queued', 'sending', 'deferred')
"""
UNREAD = "SELECT count(*) FROM tickets_inbound WHERE state IN ('stored', 'failed')"
# What a killed process had in hand is tried again after minutes at the latest; the test lets them pass.
MINUTES_PASS = (
    "UPDATE tickets_outbound SET next_attempt_at = now() WHERE state IN ('held', 'sending', 'deferred')",
    "UPDATE tickets_inbound SET next_attempt_at = now() WHERE state = 'failed'",
)
MAILBOXES = "SELECT id FROM tickets_channel WHERE slug = 'email'"
ANSWERED = """
SELECT t.id FROM tickets_ticket t JOIN tickets_channel c ON c.id = t.channel_id WHERE c.slug <> 'phone'
"""
# Who waits for us has an owner, or waits for the router; an answered ticket waits for its customer.
WITH_NOBODY = """
SELECT t.id, t.subject FROM tickets_ticket t
WHERE t.state IN ('new', 'open') AND t.assignee_id IS NULL AND NOT EXISTS (
    SELECT FROM routing_workitem w WHERE w.ticket_id = t.id AND w.state <> 'closed')
"""


@pytest.fixture
def house() -> Iterator[House]:
    with open_house("stack", places=100) as opened:
        yield opened


def test_nothing_is_lost_or_doubled_while_processes_are_killed(house: House):
    chance, enough = Random(SEED), threading.Event()
    print(f"chance begins at {SEED}")  # pytest shows it when the test fails
    alice = Answerer(house, "alice")
    alice.sign_in()
    people, agents = AtOnce(), AtOnce()
    visitors = [Visitor(house, 200 + place) for place in range(CHATS)]
    agents.start(0, alice.work, enough)
    said = let_everybody_write(house, people, visitors, chance)
    killer = Killer(house.program, chance)
    killer.go_round()
    print("killed:", *killer.killed)
    people.join()
    killer.wait_until_all_run()
    enough.set()
    agents.join()
    everything_settles(house, alice)
    every_word_is_there_once(house, said)
    every_answer_arrived(house)
    for visitor in visitors:
        visitor.sees(f"Answer to {ticket_of(house, visitor)}")
    assert house.rows(WITH_NOBODY) == []


def let_everybody_write(house: House, people: AtOnce, visitors: list[Visitor], chance: Random) -> list[str]:
    """Start everybody, each at a moment by chance; return all that they write."""
    said = []
    for send, name, count in (
        (send_form, "form", FORMS),
        (send_mail, "mail", MAILS),
        (report_call, "call", CALLS),
    ):
        for place in range(count):
            text = f"{name} {place} of chance"
            said += [text] if send is not report_call else []
            people.start(chance.uniform(0, SECONDS), send, house, place, text)
    for place, visitor in enumerate(visitors):
        texts = [f"chat {place} word {number}" for number in range(WORDS)]
        said += texts
        people.start(chance.uniform(0, 2), visitor.say_all, texts, SECONDS / WORDS)
    return said


def everything_settles(house: House, alice: Answerer) -> None:
    """Let minutes pass until all is read, answered and sent."""
    owner = find_place(house.program.data).url("tandem_owner")

    def settle() -> None:
        alice.go_through()
        with psycopg.connect(owner, autocommit=True) as connection:
            for statement in MINUTES_PASS:
                connection.execute(statement)
        left = house.rows(UNREAD) + house.rows(UNDER_WAY)
        if left != [(0,), (0,)]:
            raise Unlucky(f"unread and unsent: {left}")

    until_it_works(settle, "what was left to do")


def every_word_is_there_once(house: House, said: list[str]) -> None:
    """Compare with the rows: each text once, each form, mail, call and chat one ticket."""
    stored = house.rows("SELECT text FROM tickets_message WHERE kind = 'in' AND channel_slug <> 'phone'")
    assert sorted(text.strip() for (text,) in stored) == sorted(said)
    assert house.rows("SELECT count(*), count(DISTINCT ticket_id) FROM tickets_call") == [(CALLS, CALLS)]
    assert house.rows("SELECT count(*) FROM tickets_ticket") == [(FORMS + MAILS + CALLS + CHATS,)]


def every_answer_arrived(house: House) -> None:
    """Compare the outbox with what the other mail server got: nothing twice but by its Message-ID."""
    answers = house.rows("SELECT text FROM tickets_message WHERE kind = 'out' AND author_user_id IS NOT NULL")
    assert sorted(answers) == sorted({(f"Answer to {number}",) for (number,) in house.rows(ANSWERED)})
    rows = house.rows(
        "SELECT kind, ticket_id, mail_id FROM tickets_outbound o WHERE channel_id IN (" + MAILBOXES + ")"
    )
    assert max(Counter((kind, ticket) for kind, ticket, _mail in rows).values()) == 1
    got = {(mail["Message-ID"].strip(), text_of(mail)) for mail in house.peer.mails}
    assert sorted(mail_id for mail_id, _text in got) == sorted(mail_id for *_rest, mail_id in rows)


def ticket_of(house: House, visitor: Visitor) -> int:
    ((number,),) = house.rows(f"SELECT id FROM tickets_ticket WHERE public_id = '{visitor.conversation}'")
    return int(number)
