"""Explains a policy in sentences, for the people who review the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcp_finesse.server.policy.rules import ConfirmMode, Names, PolicyRules, Requirement
from mcp_finesse.server.policy.tool_entry import ToolEntry

_WHEN = {
    Requirement.CONFIRMATION: "after a confirmation",
    Requirement.PERSON: "after a person confirmed",
    Requirement.NOTHING: "without a question",
}


def explain(rules: PolicyRules, entries: Iterable[ToolEntry], mode: ConfirmMode) -> Iterator[str]:
    """Yield what a policy allows, line by line.

    Args:
        rules: The policy.
        entries: All tools.
        mode: The value of the setting ``confirm``.
    """
    yield f"The policy can be changed by: {rules.contact or 'whoever operates the MCP server'}."
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(_group(rules, entry, mode), []).append(entry.name)
    for title, names in sorted(groups.items()):
        yield f"{title}: {', '.join(names)}."
    if not rules.codes:
        yield "If a client cannot ask a person, a tool call that requires a confirmation is refused."
    for title, section in (("Agents", rules.agents), ("Teams", rules.teams), ("Feeds", rules.feeds)):
        yield f"{title}: {_names(section)}."
    yield f"Numbers that are never called: {_listed(rules.numbers.deny)}."
    if rules.numbers.allow is None:
        yield (
            "Numbers that are called without a question: extensions, contacts of the phone books, and parties of "
            "current and recent phone calls."
        )
    else:
        yield f"Numbers that are called without a question: {_listed(rules.numbers.allow)}."
    limits = rules.limits
    yield f"Maximum calls of each tool per minute, for each agent: {limits.per_minute or 'no limit'}."
    for name, per_minute in limits.tools.items():
        yield f"Maximum calls of {name} per minute, for each agent: {per_minute}."
    yield f"Maximum objects that one tool call changes: {limits.objects or 'no limit'}."


def _group(rules: PolicyRules, entry: ToolEntry, mode: ConfirmMode) -> str:
    if rules.tools.rule_against(entry.name):
        return "Refused"
    if fixed := rules.fixed_requirement(entry.name, mode, changes=entry.effect.changes_finesse):
        return f"Allowed {_WHEN[fixed[0]]}"
    asks = [reason for reason in entry.asks if rules.can_ask_about(reason)]
    if mode is ConfirmMode.AUTO and asks:
        return f"Allowed after a confirmation if {' or '.join(asks)}"
    return f"Allowed {_WHEN[Requirement.NOTHING]}"


def _names(section: Names) -> str:
    allowed = "all" if section.allow is None else _listed(section.allow)
    return f"{allowed}, except {_listed(section.deny)}" if section.deny else allowed


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items) or "none"
