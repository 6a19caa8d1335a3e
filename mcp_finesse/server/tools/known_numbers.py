"""Decides whether a number may be called without a confirmation, if the policy lists no numbers."""

from __future__ import annotations

from mcp_finesse.errors import FinesseError
from mcp_finesse.server.policy.number_patterns import plain_number
from mcp_finesse.session import FinesseSession


async def is_known_number(session: FinesseSession, number: str) -> bool:
    """Return whether a number is an extension, a party of a current or recent phone call, or in a phone book.

    A number with exactly as many digits as the agent's own extension counts as an extension. If the phone books
    cannot be read, their numbers count as unknown.
    """
    wanted = plain_number(number)
    own = session.mirror.extension
    if own is not None and wanted.isdecimal() and len(wanted) == len(own):
        return True
    if wanted in _parties(session):
        return True
    try:
        contacts = await session.contacts()
    except FinesseError:
        return False
    return any(wanted == plain_number(contact.phone_number or "") for _, contact in contacts)


def _parties(session: FinesseSession) -> set[str]:
    """Return the numbers of the parties of the agent's current and recent phone calls."""
    numbers: list[str | None] = []
    for dialog in session.mirror.dialogs.values():
        numbers += [dialog.from_address, dialog.to_address]
        numbers += [party.media_address for party in dialog.participants]
    for record in session.call_log.records:
        numbers += [record.from_address, record.to_address]
    return {plain_number(number) for number in numbers if number}
