"""Conditions on objects: evaluation, and rejection of impossible ones with the valid choices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mcp_finesse.errors import ApiErrorDetail, InvalidRequestError
from mcp_finesse.model import Queue, QueueStatistics, ReasonCode
from mcp_finesse.redaction import Redaction, redacting
from mcp_finesse.server.arguments.conditions import Context, check, conditions
from tests.server.support import WHEN, agent, call

CONTEXT = Context(WHEN + timedelta(seconds=200), "4501")
QUEUE = Queue(
    id="77",
    name="Sales",
    statistics=QueueStatistics(calls_in_queue=3, start_time_of_longest_call_in_queue=WHEN, agents_ready=0),
)
EMPTY_QUEUE = Queue(id="78", statistics=QueueStatistics(calls_in_queue=0))


def holds(target: object, field: str, value: str | None = None, previous: object = None) -> bool:
    (condition,) = conditions(field, value, [])
    return condition.holds(target, CONTEXT, previous)


@pytest.mark.parametrize(
    ("target", "field", "value", "expected"),
    [
        (agent(), "state", "READY", True),
        (agent(), "state", "ready", True),
        (agent(), "state", "NOT_READY", False),
        (agent(), "state", "!= READY", False),
        (agent(), "state", "!=NOT_READY", True),
        (agent(state="WORK"), "state", "WRAP_UP", True),
        (agent(state="WORK_READY"), "state", "wrap up", True),
        (agent(), "state", None, True),
        (agent(), "pending_state", None, False),
        (agent(), "seconds_in_state", ">= 200", True),
        (agent(), "seconds_in_state", "> 200", False),
        (agent(reason_code=ReasonCode(id=1, code=2, label="Lunch")), "reason.label", "lunch", True),
        (call(), "my_state", "ACTIVE", True),
        (call(), "queue", "North.Sales", True),
        (call(), "media_properties.queue_name", "North.Sales", True),
        (call(), "participants.state", "ACTIVE", True),
        (call(), "participants.actions", "HOLD", True),
        (call(), "participants.actions", "ANSWER", False),
        (call(callVariable1="7"), "call_variables.callVariable1", "7", True),
        (call(callVariable1="7"), "call_variables.callVariable2", "7", False),
        (QUEUE, "longest_wait_seconds", ">=180", True),
        (QUEUE, "longest_wait_seconds", "< 180", False),
        (QUEUE, "calls_in_queue", ">= 3", True),
        (QUEUE, "calls_waiting", ">3", False),
        (QUEUE, "agents_ready", "0", True),
        (EMPTY_QUEUE, "longest_wait_seconds", ">=0", False),
        (ApiErrorDetail("Invalid State", "", ""), "type", "invalid state", True),
        ({"TeamMessage": {"n": "1"}}, "TeamMessage.n", "1", True),
        ({"TeamMessage": {"n": "1"}}, "TeamMessage.none", "1", False),
    ],
)
def test_condition_is_evaluated_on_an_object(
    target: object, field: str, value: str | None, expected: bool
) -> None:
    assert holds(target, field, value) is expected


def test_changed_compares_with_the_object_as_it_was() -> None:
    assert holds(agent(state="READY"), "state", "changed", agent(state="NOT_READY"))
    assert not holds(agent(), "state", "changed", agent())
    assert not holds(agent(), "state", "changed", None)


def test_further_conditions_are_parsed_from_text() -> None:
    found = conditions("state", "READY", ["calls_in_queue >= 5", "state changed", "name != Sales West"])
    assert [str(each) for each in found] == [
        "state = READY",
        "calls_in_queue >= 5",
        "state changed",
        "name != Sales West",
    ]


@pytest.mark.parametrize("text", ["state", ">= 5", "state changed to READY", ""])
def test_text_that_is_not_a_condition_is_rejected_with_examples(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        conditions(None, None, [text])
    assert "is not a condition" in caught.value.message
    assert "state = READY" in caught.value.advice


def test_number_of_conditions_is_bounded() -> None:
    with pytest.raises(InvalidRequestError, match="at most 8"):
        conditions(None, None, ["state = READY"] * 9)


@pytest.mark.parametrize(
    ("kind", "feed", "field", "value", "said"),
    [
        ("user", None, "stat", "READY", 'There is no field "stat". Fields: active_device_id'),
        (
            None,
            "dialogs",
            "pending_state",
            "x",
            'There is no field "pending_state". Fields: associated_dialog',
        ),
        ("dialog", None, "participants.mood", "x", 'There is no field "participants.mood". Fields: actions'),
        ("user", None, "state", "FLYING", 'state cannot be "FLYING". Values: LOGIN, LOGOUT, NOT_READY'),
        ("dialog", None, "my_state", "READY", 'my_state cannot be "READY". Values: INITIATING'),
        (
            "user",
            None,
            "state",
            ">= 3",
            'state cannot be >= "3". Only numbers and times can be compared by size. Use =, != or changed.',
        ),
        ("user", None, "state", "on = off", 'state cannot be "on = off". Values: LOGIN'),
        ("queue", None, "calls_in_queue", ">= nan", 'calls_in_queue cannot be >= "nan". Give a number.'),
        ("queue", None, "calls_in_queue", "> inf", 'calls_in_queue cannot be > "inf". Give a number.'),
        ("queue", None, "calls_in_queue", "many", 'calls_in_queue cannot be "many". Give a number.'),
        (
            "queue",
            None,
            "longest_wait_seconds",
            ">= 3 min",
            'longest_wait_seconds cannot be >= "3 min". Give a',
        ),
        (None, "queue:77", "state", "READY", 'There is no field "state". Fields: agents'),
        (None, "team:310", "mood", "x", 'There is no field "mood". Fields: User: active'),
        ("user", None, "since", "> yesterday", 'since cannot be > "yesterday". Give a time with a zone'),
    ],
)
def test_impossible_condition_is_rejected_with_the_valid_choices(
    kind: str | None, feed: str | None, field: str, value: str, said: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check(conditions(field, value, []), kind, feed)
    assert f"{caught.value.message} {caught.value.advice}".startswith(said)


@pytest.mark.parametrize(
    ("kind", "feed", "field", "value"),
    [
        ("user", None, "state", "WRAP_UP"),
        (None, None, "state", "ALERTING"),
        (None, "team:310", "state", "NOT_READY"),
        ("dialog", None, "media_properties.call_type", "ACD_IN"),
        ("dialog", None, "call_variables.user.order", "7"),
        ("queue", None, "longest_wait_seconds", ">=180"),
        (None, "queues", "agents_ready", "0"),
        ("other", None, "Anything.goes", "x"),
        ("error", None, "type", "Invalid State"),
        ("user", None, "since", "> 2026-01-01T00:00:00Z"),
    ],
)
def test_possible_condition_raises_nothing(
    kind: str | None, feed: str | None, field: str, value: Any
) -> None:
    check(conditions(field, value, []), kind, feed)


HIDDEN = Redaction.of(["user.account"])


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("call_variables.user.account", None, True),
        ("call_variables.user.account", "= 12", False),
        ("call_variables.user.account", "[redacted]", True),
        ("media_properties.call_variables.value", "12", False),
        ("call_variables.card", "4111111111111111", False),
        ("call_variables.card", "!= 4111111111111111", True),
        ("call_variables.card", "> 1", False),
        ("call_variables.open", "= 7", True),
    ],
)
def test_condition_compares_what_is_shown(field: str, value: str | None, expected: bool) -> None:
    variables = {"user.account": "12", "card": "4111111111111111", "open": "7"}
    with redacting(HIDDEN):
        assert holds(call(**variables), field, value) is expected


def test_change_of_a_redacted_variable_is_seen() -> None:
    before, now = call(**{"user.account": "12"}), call(**{"user.account": "13"})
    with redacting(HIDDEN):
        assert holds(now, "call_variables.user.account", "changed", before)
        assert not holds(now, "call_variables.user.account", "changed", now)


@pytest.mark.parametrize("value", ["12", "!= 12", ">= 1"])
def test_comparison_with_a_redacted_variable_is_refused(value: str) -> None:
    with redacting(HIDDEN), pytest.raises(InvalidRequestError, match="is redacted") as caught:
        check(conditions("call_variables.user.account", value, []), "dialog", None)
    assert "changed" in caught.value.advice
    with redacting(HIDDEN):
        check(conditions("call_variables.user.account", "changed", []), "dialog", None)
        check(conditions("call_variables.user.account", None, []), "dialog", None)
