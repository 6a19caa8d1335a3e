"""Finds the actions that the agent can currently take on a phone call, given the agent's other phone calls."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.model import CallAction, Dialog, ParticipantState

DIALING = (ParticipantState.INITIATING, ParticipantState.INITIATED)


def possible_actions(
    dialog: Dialog, dialogs: Mapping[str, Dialog], extension: str | None
) -> list[CallAction | str]:
    """Return the actions that Finesse lists for the agent's participant and would not reject.

    Finesse lists RETRIEVE for a held phone call even while the agent dials another phone call. Finesse then
    rejects RETRIEVE, because a phone call that is being dialed cannot be held.

    Args:
        dialog: One of the agent's calls.
        dialogs: All of the agent's calls, by id.
        extension: The agent's extension.
    """
    own = dialog.participant(extension) if extension else None
    if own is None:
        return []
    sides = (other.participant(extension or "") for other in dialogs.values() if other.id != dialog.id)
    dials = any(side is not None and side.state in DIALING for side in sides)
    return [action for action in own.actions if not (dials and action == CallAction.RETRIEVE)]
