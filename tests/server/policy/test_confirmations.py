"""Open questions: bound to one tool call, valid for two minutes, used once."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.server.policy.confirmations import LIFETIME, Confirmations, Question, key_of


def ask(questions: Confirmations, key: str, summary: str) -> Question:
    return questions.ask(key, summary)[0]


def test_question_is_used_once() -> None:
    open_questions = Confirmations()
    asked = ask(open_questions, "key", "Do it.")
    assert ask(open_questions, "key", "Do it.") == asked
    assert open_questions.close("key") == asked
    assert open_questions.close("key") is None
    assert ask(open_questions, "key", "Do it.").code != asked.code


def test_question_expires_after_two_minutes() -> None:
    now = 0.0
    open_questions = Confirmations(lambda: now)
    asked = ask(open_questions, "key", "Do it.")
    now = LIFETIME
    assert open_questions.close_with("key", asked.code) is None
    assert open_questions.close("key") is None


def test_repeated_question_does_not_prolong_its_life() -> None:
    now = 0.0
    open_questions = Confirmations(lambda: now)
    asked = ask(open_questions, "key", "Do it.")
    now = LIFETIME - 1
    assert ask(open_questions, "key", "Do it.") == asked
    now = LIFETIME
    assert open_questions.close("key") is None


def test_changed_summary_makes_a_new_question() -> None:
    open_questions = Confirmations()
    first = ask(open_questions, "key", "Do it.")
    second = ask(open_questions, "key", "Do something else.")
    assert first.code != second.code
    assert open_questions.close_with("key", first.code) is None
    assert open_questions.close_with("key", f" {second.code.lower()} ") == second


def test_code_of_another_tool_call_closes_nothing() -> None:
    open_questions = Confirmations()
    one, other = ask(open_questions, "one", "Do it."), ask(open_questions, "other", "Do it.")
    assert open_questions.close_with("one", other.code) is None
    assert open_questions.close_with("one", "") is None
    assert open_questions.close_with("one", "\ud800") is None
    assert open_questions.close_with("one", one.code) == one


def test_number_of_open_questions_is_limited() -> None:
    open_questions = Confirmations()
    first = ask(open_questions, "0", "Do it.")
    for number in range(1, 1_001):
        ask(open_questions, str(number), "Do it.")
    assert open_questions.close_with("0", first.code) is None
    assert open_questions.close("1000") is not None


PARTS: dict[str, Any] = {
    "answered_by": "person",
    "tool": "drop_participant",
    "arguments": {"participant": "4502", "dialog_id": None},
    "identity": "1001",
    "client": "one",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"answered_by": "client"},
        {"tool": "end_call"},
        {"arguments": {"participant": "4503", "dialog_id": None}},
        {"arguments": {"participant": "4502", "dialog_id": "331"}},
        {"arguments": {"participant": 4502, "dialog_id": None}},
        {"identity": "1002"},
        {"client": "two"},
    ],
    ids=str,
)
def test_every_part_of_a_tool_call_changes_its_key(changed: dict[str, Any]) -> None:
    assert key_of(**PARTS) != key_of(**PARTS | changed)
    assert key_of(**PARTS) == key_of(**PARTS)
