"""Freshness of two reports of one object: which is newer, and whether their significant fields differ."""

from __future__ import annotations

from mcp_finesse.model import Dialog, User


def significant_fields_of_user(user: User) -> tuple[object, ...]:
    """Return the significant fields of an agent. Reads and events format the others differently."""
    return (user.state, user.reason_code_id, user.extension, user.pending_state)


def significant_fields_of_dialog(dialog: Dialog) -> tuple[object, ...]:
    """Return the significant fields of a call. Reads and events format the others differently."""
    data = dialog.media_properties
    variables = {(item.name, item.value or "") for item in data.call_variables} if data is not None else set()
    return (
        dialog.state,
        {(participant.media_address, participant.state) for participant in dialog.participants},
        {variable for variable in variables if variable[1]},
        (data.wrap_up_reason or "") if data is not None else "",
    )


def timeless_user(user: User) -> User:
    """Return a copy without the time of the state change."""
    return user.model_copy(update={"state_change_time": None})


def timeless_dialog(dialog: Dialog) -> Dialog:
    """Return a copy without the times of state changes."""
    participants = [each.model_copy(update={"state_change_time": None}) for each in dialog.participants]
    return dialog.model_copy(update={"participants": participants})


def is_older_user(new: User, known: User | None) -> bool:
    """Return whether a report is older than the known one. A missing or equal time is not older."""
    if known is None or new.state_change_time is None or known.state_change_time is None:
        return False
    return new.state_change_time < known.state_change_time


def is_older_dialog(new: Dialog, known: Dialog | None) -> bool:
    """Return whether no participant is newer than known, and at least one is older."""
    if known is None:
        return False
    times = {p.media_address: p.state_change_time for p in known.participants}
    older = False
    for participant in new.participants:
        held = times.get(participant.media_address)
        if held is None or participant.state_change_time is None:
            continue
        if participant.state_change_time > held:
            return False
        older = older or participant.state_change_time < held
    return older
