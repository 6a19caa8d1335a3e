"""The schedule of a scenario: order, random numbers, customers and shifts."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mcp_finesse.simulator.scenarios.definition import parse_scenario, read_scenario, shipped_scenarios
from mcp_finesse.simulator.scenarios.schedule import (
    CallArrival,
    ChatArrival,
    Event,
    FaultEvent,
    ShiftChange,
    schedule,
)
from tests.simulator.scenarios.support import HEAD


def events_of(text: str, head: str = HEAD) -> tuple[Event, ...]:
    return schedule(parse_scenario(head + text))


def calls_of(text: str, head: str = HEAD) -> list[CallArrival]:
    return [event for event in events_of(text, head) if isinstance(event, CallArrival)]


def brief(event: Event) -> str:
    if isinstance(event, ShiftChange):
        return f"{event.at:g} {event.agent_id} {event.change}"
    if isinstance(event, FaultEvent):
        return f"{event.at:g} {event.fault.fault}"
    target = event.to if isinstance(event, CallArrival) else event.media_id
    return f"{event.at:g} to {target}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("calls: [{queue: North.Sales, at: 5}]", ["5 to 8800"]),
        ("calls: [{queue: 77, at: [9, 5, 7]}]", ["5 to 8800", "7 to 8800", "9 to 8800"]),
        ("calls: [{agent: 1002, at: 5}]", ["5 to 4502"]),
        ("chats: [{media: Cisco_Chat, at: 5}, {media: 5002, at: 4}]", ["4 to 5002", "5 to 5001"]),
        ("calls: [{queue: 78, at: 5}, {queue: 77, at: 5}]", ["5 to 8801", "5 to 8800"]),
        (
            "calls: [{queue: 77, at: 5}]\nchats: [{media: 5001, at: 5}]\nfaults: [{at: 5, fault: clear}]\n"
            "scripted_agents: [{agents: [1002], signs_in: 5}]",
            ["5 1002 sign in", "5 clear", "5 to 8800", "5 to 5001"],
        ),
        (
            "scripted_agents: [{agents: [1002, 1003], signs_in: 9, signs_out: 99, "
            "breaks: [{at: 20, seconds: 30}]}]",
            [
                *("9 1002 sign in", "9 1003 sign in", "20 1002 break", "20 1003 break"),
                *("50 1002 work", "50 1003 work", "99 1002 sign out", "99 1003 sign out"),
            ],
        ),
    ],
)
def test_events_are_in_order_of_time_then_of_kind_and_file(text: str, expected: list[str]) -> None:
    assert [brief(event) for event in events_of(text)] == expected


RANDOM = "calls: [{queue: 77, per_hour: 60, patience: {min: 10, max: 90}, talk: {min: 1, max: 9}}]"


GOLDEN = [
    (15.719, "3125550116", 32.396),
    (48.148, "3125550161", 11.783),
    (57.849, "3125550180", 85.868),
]


def test_arrivals_of_a_seed_are_the_same_in_every_version_of_python() -> None:
    first = calls_of("seed: 7\n" + RANDOM)[:3]
    assert [(round(call.at, 3), call.number, round(call.patience, 3)) for call in first] == GOLDEN


def test_another_seed_gives_other_arrivals() -> None:
    assert calls_of("seed: 7\n" + RANDOM) == calls_of("seed: 7\n" + RANDOM)
    assert calls_of("seed: 7\n" + RANDOM) != calls_of("seed: 8\n" + RANDOM)


def test_speed_does_not_change_the_arrivals() -> None:
    assert events_of("speed: 1\n" + RANDOM) == events_of("speed: 50\n" + RANDOM)


def test_a_further_section_leaves_the_arrivals_of_the_others_as_they_are() -> None:
    both = calls_of(RANDOM.removesuffix("]") + ", {queue: 78, per_hour: 100}]")
    assert [call for call in both if call.to == "8800"] == calls_of(RANDOM)


def test_poisson_arrivals_have_the_given_rate_and_lie_between_start_and_end() -> None:
    calls = calls_of("calls: [{queue: 77, per_hour: 1000, start: 600, end: 2400}]")
    assert 450 < len(calls) < 550  # 500 expected, with a standard deviation of 22
    assert calls[0].at >= 600
    assert calls[-1].at < 2400
    gaps = [later.at - earlier.at for earlier, later in pairwise(calls)]
    long = sum(gap > 3.6 for gap in gaps) / len(gaps)
    assert 0.3 < long < 0.44  # exponential distribution: 1/e of the gaps are longer than the average


def test_durations_lie_between_their_limits_and_differ() -> None:
    calls = calls_of(RANDOM)
    assert all(10 <= call.patience <= 90 and 1 <= (call.talk or 0) <= 9 for call in calls)
    assert len({call.patience for call in calls}) == len(calls)


def test_customer_comes_from_the_section_then_from_the_list_then_from_numbers_of_fiction() -> None:
    people = "customers: [{number: 3125550142, name: A & B, variables: {callVariable3: gold}}]\n"
    own = "calls: [{queue: 77, at: 1, number: 2065550177, name: Zoë, variables: {callVariable4: x}}]"
    (call,) = calls_of(people + own)
    assert (call.number, call.variables) == ("2065550177", {"callVariable1": "Zoë", "callVariable4": "x"})
    (call,) = calls_of(people + "calls: [{queue: 77, at: 1, variables: {callVariable3: silver}}]")
    assert call.number == "3125550142"
    assert call.variables == {"callVariable1": "A & B", "callVariable3": "silver"}
    (call,) = calls_of("calls: [{queue: 77, at: 1}]")
    assert call.number.startswith("31255501")
    assert (call.variables, call.patience, call.talk) == ({}, 180, None)


def test_every_customer_of_the_list_calls() -> None:
    people = "customers: [{number: 1111111}, {number: 2222222}, {number: 3333333}]\n"
    assert {call.number for call in calls_of(people + RANDOM)} == {"1111111", "2222222", "3333333"}


def test_break_has_the_id_of_its_reason_code() -> None:
    changes = events_of(
        "scripted_agents: [{agents: [1002], breaks: [{at: 1, seconds: 1, reason: Lunch}, {at: 5, seconds: 1}]}]"
    )
    breaks = [event for event in changes if isinstance(event, ShiftChange) and event.change == "break"]
    assert [event.reason_id for event in breaks] == ["23", ""]


def test_chat_may_be_for_one_agent() -> None:
    (chat,) = events_of("chats: [{media: 5001, agent: 1002, at: 5, patience: 7}]")
    assert chat == ChatArrival(5.0, "5001", "1002", {}, 7.0)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_schedule_of_a_shipped_scenario_is_ordered_and_repeatable(name: str) -> None:
    events = schedule(read_scenario(name))
    assert events == schedule(read_scenario(name))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert len(events) > 10
