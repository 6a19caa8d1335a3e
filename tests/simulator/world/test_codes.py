"""Reason codes: listing, lookup, and when a reason is required."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.world.codes import ReasonCodes
from mcp_finesse.simulator.world.world import default_world

CODES = ReasonCodes(default_world().reason_codes)


@pytest.mark.parametrize(
    ("category", "labels"),
    [
        ("NOT_READY", ["Lunch", "Meeting", "Training"]),
        ("LOGOUT", ["End of shift", "Technical problem"]),
        ("ALL", ["Lunch", "Meeting", "Training", "End of shift", "Technical problem"]),
        ("READY", []),
    ],
)
def test_system_codes_are_not_listed(category: str, labels: list[str]) -> None:
    assert [code.label for code in CODES.listed(category)] == labels


def test_codes_are_found_by_database_id_and_by_code() -> None:
    assert CODES.by_id(23) is CODES.chosen("NOT_READY", "23")
    assert CODES.by_id(41) is None
    assert CODES.system("NOT_READY", 50006).system


@pytest.mark.parametrize(
    ("chosen", "type_"),
    [
        (None, "Parameter Missing"),
        ("", "Parameter Missing"),
        ("41", "Invalid Input"),
        ("31", "Invalid Input"),
    ],
)
def test_reason_is_required_where_codes_exist(chosen: str | None, type_: str) -> None:
    with pytest.raises(ApiProblem, match=type_):
        CODES.chosen("NOT_READY", chosen)


def test_reason_is_optional_without_codes() -> None:
    assert ReasonCodes(()).chosen("NOT_READY", None) is None
