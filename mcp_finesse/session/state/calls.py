"""Compares and orders versions of a phone call (a voice dialog). Special rules apply to reads."""

from __future__ import annotations

from mcp_finesse.model import Dialog, Participant
from mcp_finesse.session.state.store import Versions
from mcp_finesse.session.state.update_order import Order

# The progress of a participant by state. States with the same number can follow each other in either order.
_PROGRESS = {
    "INITIATING": 0,
    "INITIATED": 1,
    "ALERTING": 2,
    "ACTIVE": 3,
    "HELD": 3,
    "WRAP_UP": 4,
    "DROPPED": 5,
    "FAILED": 5,
}


def significant_fields(dialog: Dialog) -> tuple[object, ...]:
    """Return the fields that have the same format in reads and in events. Other fields cannot be compared."""
    data = dialog.media_properties
    variables = {(item.name, item.value or "") for item in data.call_variables} if data is not None else set()
    return (
        dialog.state,
        {(participant.media_address, participant.state) for participant in dialog.participants},
        {variable for variable in variables if variable[1]},
        (data.wrap_up_reason or "") if data is not None else "",
    )


def content_of(dialog: Dialog) -> tuple[object, ...]:
    """Return the content by which two updates of one dialog are compared."""
    actions = {(party.media_address, frozenset(party.actions)) for party in dialog.participants}
    return (significant_fields(dialog), actions)


def order_of(new: Dialog, known: Dialog) -> Order:
    """Order two updates of one dialog by the times and states of its participants.

    States decide only if the times are equal, because a participant who was dropped may join again later.
    """
    held = {party.media_address: party for party in known.participants}
    signs = {
        sign
        for party in new.participants
        if party.media_address in held and (sign := _sign(party, held[party.media_address]))
    }
    if len(signs) == 1:
        return Order.NEWER if signs == {1} else Order.OLDER
    if not signs and _joined_later(new, known):
        return Order.NEWER
    return Order.SAME if not signs and content_of(new) == content_of(known) else Order.UNORDERED


def _sign(new: Participant, known: Participant) -> int:
    """Return 1 if the update is newer, -1 if it is older, and 0 if the order is unknown."""
    if new.state_change_time is None or known.state_change_time is None:
        return int(new.state_change_time is not None)
    if new.state_change_time != known.state_change_time:
        return 1 if new.state_change_time > known.state_change_time else -1
    reported, held = _PROGRESS.get(str(new.state)), _PROGRESS.get(str(known.state))
    if reported is None or held is None or reported == held:
        return 0
    return 1 if reported > held else -1


def _joined_later(new: Dialog, known: Dialog) -> bool:
    """Return whether a new participant joined later than all known participants."""
    addresses = {party.media_address for party in known.participants}
    known_times = [party.state_change_time for party in known.participants if party.state_change_time]
    joined = [
        party.state_change_time
        for party in new.participants
        if party.media_address not in addresses and party.state_change_time
    ]
    return bool(known_times and joined) and max(joined) > max(known_times)


def is_older_read(read: Dialog, known: Dialog) -> bool:
    """Return whether no participant is newer than its known version and at least one participant is older."""
    times = {party.media_address: party.state_change_time for party in known.participants}
    older = False
    for party in read.participants:
        held = times.get(party.media_address)
        if held is None or party.state_change_time is None:
            continue
        if party.state_change_time > held:
            return False
        older = older or party.state_change_time < held
    return older


def _is_news(known: Dialog | None, read: Dialog) -> bool:
    return known is None or significant_fields(known) != significant_fields(read)


def without_times(dialog: Dialog) -> Dialog:
    """Return a copy of the dialog without the times of state changes."""
    participants = [each.model_copy(update={"state_change_time": None}) for each in dialog.participants]
    return dialog.model_copy(update={"participants": participants})


CALL_VERSIONS: Versions[Dialog] = Versions(order_of, content_of, is_older_read, _is_news)
