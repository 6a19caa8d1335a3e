"""The decisions that follow from the rules of a policy."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.server.policy.intent import AskReason, Intent
from mcp_finesse.server.policy.rules import ConfirmMode, PolicyRules, Requirement

AUTO, ALWAYS, NEVER = ConfirmMode


def rules(**sections: Any) -> PolicyRules:
    return PolicyRules.model_validate(sections)


@pytest.mark.parametrize(
    ("sections", "tool", "intent", "rule"),
    [
        ({}, "make_call", Intent(numbers=("110",), agents=("1",), objects=99999), None),
        ({"tools": {"deny": ["send_*"]}}, "send_request", Intent(), "tools.deny"),
        ({"tools": {"deny": ["SEND_*"]}}, "send_dtmf", Intent(), "tools.deny"),
        ({"tools": {"deny": ["send_*"]}}, "resend", Intent(), None),
        ({"tools": {"allow": ["get_*"]}}, "hold_call", Intent(), "tools.allow"),
        ({"tools": {"allow": ["*"], "deny": ["hold_call"]}}, "hold_call", Intent(), "tools.deny"),
        ({"agents": {"allow": ["10*"]}}, "sign_out_agent", Intent(agents=("1002",)), None),
        ({"agents": {"allow": ["10*"]}}, "sign_out_agent", Intent(agents=("1002", "2001")), "agents.allow"),
        ({"agents": {"deny": ["1002"]}}, "sign_out_agent", Intent(agents=("1002",)), "agents.deny"),
        ({"agents": {"allow": []}}, "hold_call", Intent(), None),
        ({"teams": {"allow": ["310"]}}, "get_team", Intent(teams=("310", "311")), "teams.allow"),
        ({"feeds": {"deny": ["queue:*"]}}, "subscribe_feed", Intent(feeds=("queue:5",)), "feeds.deny"),
        ({"feeds": {"deny": ["queue:[5]"]}}, "subscribe_feed", Intent(feeds=("queue:5",)), None),
        ({"numbers": {"deny": ["00!"]}}, "make_call", Intent(numbers=("00 49 30",)), "numbers.deny"),
        ({"numbers": {"deny": ["00!"]}}, "make_call", Intent(numbers=("4930",)), None),
        ({"numbers": {"allow": ["4!"]}}, "make_call", Intent(numbers=("0",)), None),
        ({"limits": {"objects": 5}}, "import_contacts", Intent(objects=6), "limits.objects"),
        ({"limits": {"objects": 5}}, "import_contacts", Intent(objects=5), None),
        ({"agents": {"deny": ["1002"]}}, "send_request", Intent(unrestricted=True), "agents"),
        ({"numbers": {"deny": ["0!"]}}, "send_request", Intent(unrestricted=True), "numbers"),
        ({"numbers": {"allow": ["4!"]}}, "send_request", Intent(unrestricted=True), None),
    ],
)
def test_tool_call_is_refused_by_the_rule_that_forbids_it(
    sections: dict[str, Any], tool: str, intent: Intent, rule: str | None
) -> None:
    refusal = rules(**sections).refusal(tool, intent)
    assert (refusal.rule if refusal else None) == rule


UNKNOWN = Intent(reason=AskReason.UNKNOWN_NUMBER, numbers=("0123",))
KNOWN = Intent(numbers=("4502",))


@pytest.mark.parametrize(
    ("sections", "mode", "intent", "expected"),
    [
        ({}, AUTO, Intent(), Requirement.NOTHING),
        ({}, AUTO, Intent(reason=AskReason.SIGN_OUT), Requirement.CONFIRMATION),
        ({}, AUTO, Intent(reason=AskReason.SIGN_OUT, changes=False), Requirement.NOTHING),
        ({}, NEVER, Intent(reason=AskReason.SIGN_OUT), Requirement.NOTHING),
        ({}, ALWAYS, Intent(), Requirement.PERSON),
        ({}, ALWAYS, Intent(changes=False), Requirement.NOTHING),
        ({"require": {"tool": "person"}}, AUTO, Intent(), Requirement.PERSON),
        ({"require": {"t*": "person"}}, NEVER, Intent(), Requirement.PERSON),
        ({"require": {"t*": "person", "tool": "nothing"}}, AUTO, UNKNOWN, Requirement.NOTHING),
        ({"require": {"tool": "nothing"}}, ALWAYS, Intent(), Requirement.PERSON),
        ({"require": {"other": "person"}}, AUTO, Intent(), Requirement.NOTHING),
        ({}, AUTO, UNKNOWN, Requirement.CONFIRMATION),
        ({"numbers": {"allow": ["0!"]}}, AUTO, UNKNOWN, Requirement.NOTHING),
        ({"numbers": {"allow": ["0!"]}}, AUTO, KNOWN, Requirement.CONFIRMATION),
        ({"numbers": {"allow": []}}, AUTO, KNOWN, Requirement.CONFIRMATION),
        ({"numbers": {"allow": []}}, AUTO, Intent(), Requirement.NOTHING),
        ({"numbers": {"deny": ["9!"]}}, AUTO, UNKNOWN, Requirement.CONFIRMATION),
    ],
)
def test_requirement_follows_from_mode_rules_and_intent(
    sections: dict[str, Any], mode: ConfirmMode, intent: Intent, expected: Requirement
) -> None:
    assert rules(**sections).requirement("tool", intent, mode)[0] is expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, None),
        ({"per_minute": 9}, 9),
        ({"per_minute": 9, "tools": {"make_call": 2}}, 2),
        ({"tools": {"make_*": 2}}, 2),
        ({"tools": {"hold_call": 2}}, None),
    ],
)
def test_limit_of_a_tool_overrides_the_general_limit(limits: dict[str, Any], expected: int | None) -> None:
    assert rules(limits=limits).limits.per_minute_of("make_call") == expected
