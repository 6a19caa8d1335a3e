"""Every action has a rule, and rules speak of states and actions that exist."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.model import ACTION_RULES, ActionRule, AgentState, CallAction, Platform, traits_of
from mcp_finesse.model.states import DialogState, ParticipantState

WORDS = {*ParticipantState, *DialogState, *AgentState, *CallAction, *Platform, "SUPERVISOR_MONITOR"}
RULES = list(ACTION_RULES.values())


def test_every_action_has_a_rule() -> None:
    assert set(ACTION_RULES) == set(CallAction)
    assert [name for name, rule in ACTION_RULES.items() if rule.action != name] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.action)
def test_a_rule_speaks_of_states_that_exist(rule: ActionRule) -> None:
    said = f"{rule.needs} {rule.leads_to}"
    assert set(re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)*\b", said)) <= WORDS
    assert rule.needs
    assert rule.leads_to
    if rule.becomes is not None:
        assert rule.becomes in rule.leads_to


@pytest.mark.parametrize("platform", Platform)
def test_what_a_platform_does_not_have_follows_from_its_traits(platform: Platform) -> None:
    missing = {rule.action for rule in RULES if not rule.exists_on(platform)}
    tasks = {CallAction.START, CallAction.PAUSE, CallAction.RESUME, CallAction.WRAP_UP}
    assert missing == traits_of(platform).foreign_actions | (
        set() if traits_of(platform).media_feeds else tasks
    )
