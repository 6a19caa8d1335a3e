"""Requests are executed one at a time per object and per device, in order of arrival."""

from __future__ import annotations

from mcp_finesse.simulator.requests.queue import RequestQueue
from tests.simulator.support import FakeTime


def keys(*names: str) -> frozenset[str]:
    return frozenset(names)


def queue_and_log(delay: float = 1.0) -> tuple[RequestQueue, FakeTime, list[str]]:
    time = FakeTime()
    return RequestQueue(time.later, lambda: delay), time, []


def test_request_never_runs_before_its_response_could_be_sent() -> None:
    queue, time, log = queue_and_log(delay=0.0)
    queue.put(keys("dialog 1"), lambda: log.append("ran"))
    assert log == []
    time.advance(0)
    assert log == ["ran"]


def test_second_request_on_an_object_waits_for_the_first() -> None:
    queue, time, log = queue_and_log()
    queue.put(keys("dialog 1"), lambda: log.append("first"))
    queue.put(keys("dialog 1"), lambda: log.append("second"))
    time.advance(1)
    assert log == ["first"]
    time.advance(1)
    assert log == ["first", "second"]


def test_requests_on_other_objects_do_not_wait() -> None:
    queue, time, log = queue_and_log()
    queue.put(keys("dialog 1", "device 4501"), lambda: log.append("one"))
    queue.put(keys("user 1001"), lambda: log.append("two"))
    time.advance(1)
    assert log == ["one", "two"]


def test_requests_on_two_dialogs_of_one_device_wait_for_each_other() -> None:
    queue, time, log = queue_and_log()
    queue.put(keys("dialog 1", "device 4501"), lambda: log.append("one"))
    queue.put(keys("dialog 2", "device 4501"), lambda: log.append("two"))
    queue.put(keys("dialog 2"), lambda: log.append("three, behind two"))
    time.advance(1)
    assert log == ["one"]
    time.advance(1)
    assert log == ["one", "two"]
    time.advance(1)
    assert log == ["one", "two", "three, behind two"]


def test_failing_job_does_not_block_the_next() -> None:
    queue, time, log = queue_and_log()

    def broken() -> None:
        raise RuntimeError("broken")

    queue.put(keys("a"), broken)
    queue.put(keys("a"), lambda: log.append("next"))
    try:
        time.advance(1)
    except RuntimeError:
        time.advance(1)
    assert log == ["next"]
