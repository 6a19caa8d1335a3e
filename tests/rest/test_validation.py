"""Validation of arguments before sending, and its error messages."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.call_data_validation import check_call_variables
from mcp_finesse.rest.validation import (
    check_address,
    check_dtmf,
    check_present,
    check_wrap_up_label,
)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"callVariable1": "x" * 40, "callVariable10": ""},
        {"callVariable2": "é" * 20},
        {"user.orderId": "A-17", "user.tags[0]": "a", "user.tags[1]": "b", "user.Some_Name-2.x": "y" * 210},
    ],
)
def test_valid_call_variables_raise_nothing(variables: dict[str, str]) -> None:
    check_call_variables(variables)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"callVariable1": "x" * 41}, "callVariable1 has 41 bytes.*limit is 40"),
        ({"callVariable1": "é" * 21}, "callVariable1 has 42 bytes.*limit is 40"),
        ({"user.x": "x" * 211}, "user.x has 211 bytes.*limit is 210"),
        ({f"user.n{i}": "x" * 205 for i in range(10)}, "2120 bytes.*limit is 2000"),
        ({"callVariable0": "x"}, "callVariable0"),
        ({"callVariable11": "x"}, "callVariable11"),
        ({"callvariable1": "x"}, "callvariable1"),
        ({"CallVariable1": "x"}, "CallVariable1"),
        ({"user.": "x"}, "user."),
        ({"user.a[b]": "x"}, r"user\.a\[b\]"),
        ({"user.a b": "x"}, "user.a b"),
        ({"": "x"}, "''"),
        ({"y" * 99: "x"}, r"y{40}\.\.\."),
        ({"BAStatus": "x"}, "BAStatus belongs to the outbound dialer"),
        ({"user.a[1]": "x", "user.a[01]": "y"}, "occurs twice"),
        ({"wrapUpReason": "x"}, "wrapUpReason"),
        ({"callVariable1": "\ud800" * 14}, "callVariable1 has 42 bytes"),
    ],
)
def test_invalid_call_variables_are_rejected_by_name(variables: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as caught:
        check_call_variables(variables)

    assert caught.value.advice


@pytest.mark.parametrize("digits", ["1", "0123456789*#", "ABCD"])
def test_valid_tones_are_accepted(digits: str) -> None:
    assert check_dtmf(digits) == digits


@pytest.mark.parametrize("digits", ["", " ", "1 2", "E", "a", "1,2", "é", "１", "1\n"])
def test_invalid_tones_are_rejected(digits: str) -> None:
    with pytest.raises(InvalidRequestError, match="digits"):
        check_dtmf(digits)


def test_wrap_up_label_is_limited_to_39_bytes() -> None:
    assert check_wrap_up_label("x" * 39) == "x" * 39
    with pytest.raises(InvalidRequestError, match=r"wrap_up_reason has 40 bytes.*limit is 39"):
        check_wrap_up_label("é" * 20)
    with pytest.raises(InvalidRequestError, match="wrap_up_reason is empty"):
        check_wrap_up_label(" ")


def test_address_must_be_ascii_and_is_stripped() -> None:
    assert check_address("to_address", " +1 (312) 555-0142 ") == "+1 (312) 555-0142"
    for bad in ("٤٥٠١", "45\n01", "é"):
        with pytest.raises(InvalidRequestError, match="to_address contains characters"):
            check_address("to_address", bad)


def test_empty_required_argument_is_named() -> None:
    with pytest.raises(InvalidRequestError, match="extension is empty"):
        check_present("extension", "  ")
