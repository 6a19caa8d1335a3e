"""Patterns for telephone numbers."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.server.policy.number_patterns import NumberPattern


@pytest.mark.parametrize(
    ("pattern", "number", "expected"),
    [
        ("1001", "1001", True),
        ("1001", "10011", False),
        ("1001", "1 00-1", True),
        ("45XX", "4501", True),
        ("45XX", "45011", False),
        ("45XX", "45X1", False),
        ("00!", "0049301234", True),
        ("00!", "00", False),
        ("+!", "+49 (30) 1234", True),
        ("+!", "0049301234", False),
        ("[2-5]X", "31", True),
        ("[2-5]X", "61", False),
        ("[135]X", "31", True),
        ("[^0]!", "112", True),
        ("[^0]!", "0112", False),
        ("*7X", "*71", True),
        ("#", "#", True),
        ("!", "", False),
        ("!", "12a", False),
        ("!", "١٢", False),
    ],
)
def test_number_matches_as_in_a_route_pattern(pattern: str, number: str, expected: bool) -> None:
    assert NumberPattern(pattern).matches(number) is expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "1 to 60 characters"),
        ("1" * 61, "1 to 60 characters"),
        ("12x", "'x'"),
        ("1!2", "only possible at the end"),
        ("[]", "'[]'"),
        ("[a-z]", "'[a-z]'"),
        ("[5", "'[5'"),
        ("(1)+", "'(1)+'"),
        (".*", "'.*'"),
    ],
)
def test_invalid_pattern_is_rejected_with_the_part(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        NumberPattern(pattern)
