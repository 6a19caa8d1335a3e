"""Redaction by the name of a variable and by patterns, in text, data and models."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant
from mcp_finesse.redaction import REDACTED, Redaction


@pytest.mark.parametrize(
    ("pattern", "name", "hidden"),
    [
        ("callVariable3", "callVariable3", True),
        ("callvariable3", "CALLVARIABLE3", True),
        ("callVariable3", "callVariable30", False),
        ("user.account*", "user.accountNumber", True),
        ("user.account*", "user.order", False),
        ("user.tags", "user.tags[2]", True),
        ("user.tags[1]", "user.tags[2]", False),
        ("*", "anything", True),
        ("*card*", "user.CardHolder", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c", False),
        ("ab*b", "ab", False),
        (" user.x ", "user\u200b.x", True),
        ("", "", False),
    ],
)
def test_variable_is_hidden_by_its_name(pattern: str, name: str, hidden: bool) -> None:
    assert Redaction.of([pattern]).hides(name) is hidden


DATA = Redaction.of(["user.account", "callVariable7*"], [r"ACC-\d{4}"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"name": "user.account", "value": "12"}, {"name": "user.account", "value": REDACTED}),
        ({"name": "user.account", "value": ""}, {"name": "user.account", "value": ""}),
        ({"name": "user.account", "value": None}, {"name": "user.account", "value": None}),
        (
            {"call_variables": {"user.account": "12", "x": "12"}},
            {"call_variables": {"user.account": REDACTED, "x": "12"}},
        ),
        ({"user.account": "12"}, {"user.account": "12"}),  # not a mapping of variables
        (
            {"field": "callVariable7", "caller_supplied": {"asked": "1", "got": "2"}},
            {"field": "callVariable7", "caller_supplied": {"asked": REDACTED, "got": REDACTED}},
        ),
        (
            {"field": "callVariable7", "asked": "1", "got": "2"},
            {"field": "callVariable7", "asked": REDACTED, "got": REDACTED},
        ),
        (
            {"field": "call_variables.user.account", "value": "= 12"},
            {"field": "call_variables.user.account", "value": REDACTED},
        ),
        ({"also": ["call_variables.user.account = 12"]}, {"also": [f"call_variables.user.account {REDACTED}"]}),
        ({"also": ["call_variables.user.order = 12"]}, {"also": ["call_variables.user.order = 12"]}),
        ({"a": [{"b": ("see ACC-1234", 5, True, 1.5)}]}, {"a": [{"b": (f"see {REDACTED}", 5, True, 1.5)}]}),
        ({"ACC-1234": 1}, {REDACTED: 1}),
        (["ACC-1234"], [REDACTED]),
    ],
)  # fmt: skip
def test_values_in_data_are_redacted(value: object, shown: object) -> None:
    assert DATA.data(value) == shown


def test_data_without_anything_to_hide_is_returned_itself() -> None:
    value = {"a": [{"b": "c"}], "call_variables": {"x": "1"}}
    assert DATA.data(value) is value


def test_model_is_copied_and_keeps_the_real_values() -> None:
    dialog = Dialog(
        id="4111111111111111",
        from_address="+493012345",
        participants=[Participant(media_address="4501")],
        media_properties=MediaProperties(
            queue_name="Sales ACC-1234",
            call_variables=[CallVariable(name="user.account", value="12"), CallVariable(name="x", value="1")],
        ),
    )
    shown = DATA.data(dialog)
    assert (dialog.media_properties and dialog.media_properties.variable("user.account")) == "12"
    assert shown.media_properties is not None
    assert (shown.id, shown.from_address) == (dialog.id, dialog.from_address)
    assert shown.media_properties.queue_name == f"Sales {REDACTED}"
    assert [each.value for each in shown.media_properties.call_variables] == [REDACTED, "1"]
    assert shown.participants is dialog.participants


@pytest.mark.parametrize(
    ("pattern", "text", "shown"),
    [
        (r"ACC-\d{4}", "a ACC-1234 b", f"a {REDACTED} b"),
        (r"ACC-\d{4}", "é 🙂 ACC-1234 ü ACC-5678", f"é 🙂 {REDACTED} ü {REDACTED}"),
        (r"ACC-\d{4}", "A\u200bCC-12\u202e34", REDACTED),
        (r"ACC-\d{4}", "ＡＣＣ－１２３４", REDACTED),
        (r"ACC-\d{4}", "ACC-١٢٣٤", REDACTED),
        (r"(?i)acc-\d{4}", "ACC-1234", REDACTED),
        ("１２", "x１２y", f"x{REDACTED}y"),
        (r"[a-z]+", f"{REDACTED} ab {REDACTED}", f"{REDACTED} {REDACTED} {REDACTED}"),
        (r"\d*1|ab", "ab1", REDACTED),
        (r".+", "all\nof it", f"{REDACTED}\n{REDACTED}"),
    ],
)
def test_match_of_a_pattern_is_redacted_also_in_disguise(pattern: str, text: str, shown: str) -> None:
    assert Redaction.of(patterns=[pattern]).text(text) == shown


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(abc", r"'\(abc' is not valid at position 1: missing \)"),
        ("abc[x", r"'abc\[x' is not valid at position 4: missing \]"),
        ("ab(?=c)", r"'ab\(\?=c\)' is not valid at position 3: invalid perl operator"),
        (r"(a)\1", "not valid at position 4: invalid escape sequence"),
        ("ab\\", "not valid at position 3: trailing"),
        ("x{9999}", "not valid at position 2: invalid repetition size"),
        ("a*", "matches empty text"),
        ("ab\udcff", "not valid UTF-8 at position 3"),
        ("a" * 1_001, "1001 characters"),
    ],
)
def test_bad_expression_is_named_with_its_position(pattern: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        Redaction.of(patterns=[pattern])


def test_data_that_is_nested_too_deeply_is_not_shown() -> None:
    value: object = "deep"
    for _ in range(200):
        value = [value]
    assert "deep" not in str(DATA.data(value))
