"""Call variables: what is rejected immediately, what later, and what is silently truncated."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.calls.calls import Call
from mcp_finesse.simulator.calls.data import CallData, CallDataRules
from mcp_finesse.simulator.errors import ApiProblem, CtiError
from mcp_finesse.simulator.world.world import EccVariable

RULES = CallDataRules(
    [
        EccVariable("user.orderId", 20),
        EccVariable("user.tags", 12, size=4),
        *(EccVariable(f"user.note{number}", 210) for number in range(10)),
    ]
)


def a_call(routed: bool = True) -> Call:
    return Call("1", 1, "4500", "4501", "ACD_IN", [], routed=routed)


@pytest.mark.parametrize(
    "names",
    [["callVariable1"], ["callVariable10"], ["user.orderId"], ["user.tags[3]"], ["user.tags"], []],
)
def test_known_variable_names_raise_nothing(names: list[str]) -> None:
    RULES.check_names(names)


@pytest.mark.parametrize(
    "names",
    [
        ["callVariable0"],
        ["callVariable11"],
        ["CallVariable1"],
        ["user.unknown"],
        ["user.tags["],
        [f"user.tags[{'9' * 5000}]"],
        ["BAStatus"],
        ["wrapUpReason"],
        [""],
        ["callVariable1", "callVariable2", "callVariable1"],
    ],
)
def test_unknown_protected_and_duplicate_names_are_rejected_immediately(names: list[str]) -> None:
    with pytest.raises(ApiProblem) as caught:
        RULES.check_names(names)
    assert (caught.value.status, caught.value.details.type) == (400, "Invalid Input")


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("callVariable1", "x" * 40, "x" * 40),
        ("callVariable1", "é" * 20, "é" * 20),
        ("user.orderId", "x" * 21, "x" * 20),
        ("user.orderId", "é" * 11, "é" * 10),
        ("user.orderId", "x" + "é" * 10, "x" + "é" * 9),
        ("user.tags[0]", "y" * 13, "y" * 12),
    ],
)
def test_ecc_values_are_truncated_to_their_byte_length(name: str, value: str, becomes: str) -> None:
    assert RULES.stored_values({name: value}) == {name: becomes}


@pytest.mark.parametrize(
    "variables",
    [
        {"callVariable1": "x" * 41},
        {"callVariable1": "é" * 21},
        {"user.orderId[0]": "scalar as array"},
        {"user.tags": "array as scalar"},
        {"user.tags[4]": "beyond the end"},
        {f"user.note{number}": "x" * 210 for number in range(10)},
        {"callVariable2": "fine", "callVariable1": "x" * 41},
    ],
)
def test_values_rejected_by_cti_fail_as_a_whole(variables: dict[str, str]) -> None:
    call = a_call()
    with pytest.raises(CtiError) as caught:
        RULES.apply(call, CallData(tuple(variables.items())))
    assert caught.value.details.type == "Invalid Input"
    assert call.variables == {}


def test_variables_of_a_call_that_was_not_routed_are_protected() -> None:
    with pytest.raises(CtiError, match="Call Variable is protected"):
        RULES.apply(a_call(routed=False), CallData((("callVariable1", "x"),)))


def test_wrap_up_reason_is_accepted_on_any_call() -> None:
    call = a_call(routed=False)
    assert RULES.apply(call, CallData((), "Sale"))
    assert call.wrap_up_reason == "Sale"


def test_wrap_up_reason_over_40_bytes_is_rejected() -> None:
    with pytest.raises(CtiError, match="Invalid Input"):
        RULES.apply(a_call(), CallData((), "x" * 41))


def test_variables_without_wrap_up_reason_keep_the_existing_one() -> None:
    call = a_call()
    RULES.apply(call, CallData((), "Sale"))
    assert RULES.apply(call, CallData((("callVariable1", "x"),)))
    assert (call.wrap_up_reason, call.variables) == ("Sale", {"callVariable1": "x"})


def test_writing_equal_values_is_not_a_change() -> None:
    call = a_call()
    data = CallData((("callVariable1", "x"),), "Sale")
    assert RULES.apply(call, data)
    assert not RULES.apply(call, data)
