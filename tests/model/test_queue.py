"""Queues: figures, and what stands where there are none."""

from __future__ import annotations

from datetime import UTC, datetime

from mcp_finesse.model import Queue, QueueStatistics, parse

_NAMES = (
    "agentsReady",
    "agentsNotReady",
    "agentsBusyOther",
    "agentsLoggedOn",
    "agentsTalkingInbound",
    "agentsTalkingOutbound",
    "agentsTalkingInternal",
    "agentsWrapUpNotReady",
    "agentsWrapUpReady",
)


def queue(calls: str, since: str, agents: str) -> Queue:
    counts = "".join(f"<{name}>{agents}</{name}>" for name in _NAMES)
    return Queue.from_element(
        parse(
            f"<Queue><uri>/finesse/api/Queue/77</uri><name>North.Sales</name><statistics>"
            f"<callsInQueue>{calls}</callsInQueue>"
            f"<startTimeOfLongestCallInQueue>{since}</startTimeOfLongestCallInQueue>{counts}"
            "</statistics></Queue>"
        )
    )


def test_a_queue_is_read_with_all_its_figures() -> None:
    got = queue("3", "2030-05-01T09:12:40Z", "2")

    assert (got.id, got.name) == ("77", "North.Sales")
    assert got.statistics is not None
    assert got.statistics.calls_in_queue == 3
    assert got.statistics.start_time_of_longest_call_in_queue == datetime(2030, 5, 1, 9, 12, 40, tzinfo=UTC)
    assert sum(value == 2 for value in got.statistics.model_dump().values()) == len(_NAMES)


def test_nought_is_a_figure_and_minus_one_is_none() -> None:
    assert queue("0", "", "-1").statistics == QueueStatistics(calls_in_queue=0)
    assert queue("-1", "", "").statistics == QueueStatistics()


def test_what_is_no_number_is_kept_aside() -> None:
    statistics = queue("many", "soon", "2").statistics

    assert statistics is not None
    assert statistics.extra == {"callsInQueue": "many", "startTimeOfLongestCallInQueue": "soon"}


def test_a_removed_queue_has_only_its_uri() -> None:
    got = Queue.from_element(parse("<queue><uri>/finesse/api/Queue/77</uri></queue>"))

    assert (got.id, got.statistics) == ("77", None)
    assert Queue.from_element(parse("<queue/>")).id is None
