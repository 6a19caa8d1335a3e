"""Agent states as people and models name them: Finesse's own, and the everyday words for some."""

from __future__ import annotations

from mcp_finesse.model import AgentState

_ALIASES: dict[str, frozenset[str]] = {
    # Finesse names wrap-up after what follows it: WORK ends in NOT_READY, WORK_READY in READY.
    "WRAP_UP": frozenset({AgentState.WORK, AgentState.WORK_READY}),
    "SIGNED_OUT": frozenset({AgentState.LOGOUT}),
}


def states_named(word: str) -> frozenset[str]:
    """Return the states that a word stands for; empty if there is no such state."""
    name = word.strip().upper().replace(" ", "_").replace("-", "_")
    return _ALIASES.get(name) or frozenset(state for state in AgentState if state == name)


def known_states() -> str:
    """Return every accepted word, for an error message."""
    return ", ".join([*AgentState, *_ALIASES])
