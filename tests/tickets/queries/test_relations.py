"""Relations for SQL of other packages: as fast as the table, and their rows can be locked."""

import pytest
from django.db import connection

from tests import make
from tests.cast import NOON
from tickets.models import Queue, Ticket
from tickets.platform.sql import load_column, load_value
from tickets.queries import hours, relations
from tickets.queries.relations import MEMBERSHIPS, QUEUES, TICKETS, build_subselect

RELATIONS = [name for name, text in vars(relations).items() if name.isupper() and text.startswith("(SELECT")]
RELATIONS.append("OPENING_INTERVALS")


@pytest.mark.parametrize("name", RELATIONS)
def test_the_planner_folds_a_relation_into_the_statement(db, name):
    relation = getattr(relations, name, None) or hours.OPENING_INTERVALS
    plan = load_column(
        str, f"EXPLAIN SELECT * FROM {relation} r", {"now": NOON} if "%(now)s" in relation else ()
    )
    assert "Scan" in plan[0]
    assert not any("Subquery" in line for line in plan)


def test_a_lock_takes_the_rows_of_the_condition_and_no_others(cast):
    ours, other = make.ticket(cast.web, cast.dana), make.ticket(cast.web, cast.dana)
    assert ours.pk != other.pk
    both = f"{TICKETS} t JOIN {QUEUES} q ON q.id = t.queue_id"
    lock = f"SELECT t.id FROM {both} WHERE t.id = %(t)s FOR UPDATE OF t"
    plan = load_column(str, f"EXPLAIN {lock}", {"t": ours.pk})
    assert "LockRows" in plan[0]
    assert not any("Subquery" in line for line in plan)
    load_column(int, lock, {"t": ours.pk})
    locked = "SELECT id FROM tickets_ticket WHERE xmax::text <> '0' ORDER BY id"
    assert load_column(int, locked) == [ours.pk]


def test_a_relation_promises_columns_that_exist():
    with pytest.raises(ValueError, match=r"tickets\.Ticket has no column tittle"):
        build_subselect(Ticket, "id", "tittle")


def test_a_relation_may_call_a_column_otherwise():
    assert (
        build_subselect(Queue, "id", place="position") == "(SELECT id, position AS place FROM tickets_queue)"
    )


def test_a_membership_that_has_run_out_is_none_that_is_live(cast):
    some = f"SELECT count(*) FROM {MEMBERSHIPS} m"
    live = f"SELECT count(*) FROM {relations.LIVE_MEMBERSHIPS} m"
    assert load_value(int, live, {"now": NOON}) == load_value(int, some)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_queuemembership SET until = %s", [NOON])
    assert load_value(int, live, {"now": NOON}) == 0
