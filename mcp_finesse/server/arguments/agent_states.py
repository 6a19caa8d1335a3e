"""The names of agent states that are accepted from clients: Finesse's names and some common words."""

from __future__ import annotations

from mcp_finesse.model import AgentState

_ALIASES: dict[str, frozenset[str]] = {
    # Finesse has two wrap-up states: WORK is followed by NOT_READY, WORK_READY by READY.
    "WRAP_UP": frozenset({AgentState.WORK, AgentState.WORK_READY}),
    "SIGNED_OUT": frozenset({AgentState.LOGOUT}),
}


def states_named(word: str) -> frozenset[str]:
    """Return the states that a word stands for. Empty if the word stands for no state."""
    name = word.strip().upper().replace(" ", "_").replace("-", "_")
    return _ALIASES.get(name) or frozenset(state for state in AgentState if state == name)


def known_states() -> str:
    """Return every accepted word, for an error message."""
    return ", ".join([*AgentState, *_ALIASES])
