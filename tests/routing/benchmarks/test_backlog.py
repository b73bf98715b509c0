"""The benchmark measures real passes and leaves nothing behind."""

import pytest

from routing.benchmarks import backlog
from routing.models import WorkItem
from tickets.models import Ticket


@pytest.mark.django_db
def test_backlog_is_given_whole_and_nothing_stays():
    told = backlog.measure_backlog(tickets=12, agents=3)
    assert told["assigned"] + 6 == 12  # two passes went before the measured ones
    assert told["queries_per_assignment"] == pytest.approx(told["queries_per_pass"] / 3, abs=0.001)
    assert 0 < told["engine_share"] < 1
    assert not WorkItem.objects.exists()
    assert not Ticket.objects.exists()
