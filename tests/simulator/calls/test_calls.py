"""Dialog states follow from participant states, which also determine the allowed actions."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.calls.calls import Call, Party, allowed_actions


def party(address: str, state: str, agent_id: str | None = None) -> Party:
    return Party(address, agent_id, state, "incoming", 0.0, 0.0)


def call_with(*states: str) -> Call:
    parties = [party(f"450{number}", state) for number, state in enumerate(states)]
    return Call("33100421", 1, "4500", "4501", "OUT", parties)


@pytest.mark.parametrize(
    ("states", "dialog_state"),
    [
        (("INITIATING",), "INITIATING"),
        (("INITIATED",), "INITIATED"),
        (("INITIATED", "ALERTING"), "ALERTING"),
        (("ACTIVE", "ALERTING"), "ALERTING"),
        (("ACTIVE", "HELD", "ALERTING"), "ACTIVE"),
        (("ACTIVE", "ACTIVE"), "ACTIVE"),
        (("HELD", "HELD"), "ACTIVE"),
        (("DROPPED", "ACTIVE"), "ACTIVE"),
        (("FAILED",), "FAILED"),
        (("DROPPED", "DROPPED"), "DROPPED"),
        (("DROPPED", "WRAP_UP"), "DROPPED"),
        (("ACTIVE", "WRAP_UP"), "ACTIVE"),
    ],
)
def test_dialog_state_follows_from_participant_states(states: tuple[str, ...], dialog_state: str) -> None:
    assert call_with(*states).state == dialog_state


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("INITIATING", {"DROP", "UPDATE_CALL_DATA"}),
        ("INITIATED", {"DROP", "UPDATE_CALL_DATA"}),
        ("ALERTING", {"ANSWER"}),
        ("ACTIVE", {"HOLD", "DROP", "UPDATE_CALL_DATA", "CONSULT_CALL", "SEND_DTMF", "TRANSFER_SST"}),
        ("HELD", {"RETRIEVE", "DROP", "UPDATE_CALL_DATA"}),
        ("FAILED", {"DROP"}),
        ("WRAP_UP", {"UPDATE_CALL_DATA"}),
        ("DROPPED", set()),
    ],
)
def test_participant_state_determines_the_agents_actions(state: str, actions: set[str]) -> None:
    assert set(allowed_actions(party("4501", state, "1001"), active_elsewhere=False)) == actions


def test_held_call_can_be_joined_with_an_active_one() -> None:
    actions = allowed_actions(party("4501", "HELD", "1001"), active_elsewhere=True)
    assert {"TRANSFER", "CONFERENCE"} <= set(actions)


def test_participants_other_than_agents_have_no_actions() -> None:
    assert allowed_actions(party("2125550142", "ACTIVE"), active_elsewhere=False) == ()


def test_parties_are_found_by_address_and_by_agent() -> None:
    call = call_with("ACTIVE")
    call.parties.append(party("4501", "ALERTING", "1001"))
    assert call.party("4501") is call.party_of("1001") is call.ringing()
    assert call.party("9") is None
    assert call.party_of("9") is None
    assert call_with("ACTIVE").ringing() is None
