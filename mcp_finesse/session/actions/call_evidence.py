"""Evidence that distinguishes a transfer from a call that ended (recorded events, and guide p.131).

A blind transfer by an agent with wrap-up leaves the agent in WRAP_UP and the caller ACTIVE. Without wrap-up it ends
with a DELETE in which every participant may be DROPPED, including the caller. When the caller hangs up, the caller is
DROPPED no later than the agent. A consult transfer removes the agent from both calls at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import LEFT_STATES, Dialog, Participant
from mcp_finesse.session.actions.evidence import History, Sighting


@dataclass(frozen=True, slots=True)
class CallerStayed:
    """The agent had left the call while the only other party was still on it, and that party did not drop later.

    With several other parties this also follows when the agent just leaves, so it is no evidence then.
    """

    dialog_id: str
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the call continued without the agent."""
        others = _others_before(history, self.dialog_id)
        if len(others) != 1:
            return False
        stayed = False
        for each in history.of(self.dialog_id):
            own, caller = _own(history, each), _party(each.dialog, others[0])
            if caller is None or own is None:
                continue
            if caller.has_left:
                return False
            stayed = stayed or own.has_left
        return stayed


@dataclass(frozen=True, slots=True)
class ParticipantSeen:
    """The target is a participant of the call and was not one before."""

    dialog_id: str
    addresses: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the target was seen, in any state."""
        before = history.before.get(self.dialog_id)
        new = [address for address in self.addresses if _party(before, address) is None]
        return any(_party(each.dialog, address) for each in history.of(self.dialog_id) for address in new)


@dataclass(frozen=True, slots=True)
class HeldForTransfer:
    """The agent's participant became HELD, and that was its last state before it left the call."""

    dialog_id: str
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether HELD was seen and was not the state before."""
        before = history.before.get(self.dialog_id)
        own = before.participant(history.extension) if before is not None and history.extension else None
        states = [party.state for each in history.of(self.dialog_id) if (party := _own(history, each))]
        live = [state for state in states if state not in LEFT_STATES]
        return own is not None and own.state != "HELD" and bool(live) and live[-1] == "HELD"


@dataclass(frozen=True, slots=True)
class CallerLeftFirst:
    """All other parties had dropped while the agent was on the call, or no later than the agent entered wrap-up."""

    dialog_id: str
    who: str = "the caller"

    def seen_in(self, history: History) -> str:
        """Return what was seen, as text, or an empty string."""
        others = _others_before(history, self.dialog_id)
        if not others:
            return ""
        for each in history.of(self.dialog_id):
            own = _own(history, each)
            parties = [_party(each.dialog, address) for address in others]
            if own is None or each.event == "DELETE":
                continue
            dropped = all(party is not None and party.has_left for party in parties)
            # A read that shows the agent in WRAP_UP does not show who left first.
            if dropped and (not own.has_left or (own.state == "WRAP_UP" and each.event)):
                return f"{self.who} hung up while the transfer was in progress"
            if own.has_left:
                return ""  # the agent left first, so a later drop by others does not count
        return ""


@dataclass(frozen=True, slots=True)
class LeftTogether:
    """Notifications reported at nearly the same time that the agent left each of these calls."""

    dialog_ids: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the agent left all of them at the same time."""
        times = [_left_at(history, dialog_id) for dialog_id in self.dialog_ids]
        known = [time for time in times if time is not None]
        return len(known) == len(times) and max(known) - min(known) <= history.together


@dataclass(frozen=True, slots=True)
class LeftApart:
    """Notifications reported that the agent left one of these calls long before the other."""

    dialog_ids: tuple[str, ...]

    def seen_in(self, history: History) -> str:
        """Return what was seen, as text, or an empty string."""
        times = [time for each in self.dialog_ids if (time := _left_at(history, each)) is not None]
        if len(times) == len(self.dialog_ids) and max(times) - min(times) > history.together:
            return "the two calls ended one after the other, as when somebody hangs up"
        return ""


def _left_at(history: History, dialog_id: str) -> float | None:
    """Return when a notification first reported that the agent had left a call."""
    for each in history.of(dialog_id):
        own = _own(history, each)
        if each.event == "DELETE" or (each.event and own is not None and own.has_left):
            return each.at
    return None


def _own(history: History, sighting: Sighting) -> Participant | None:
    return _party(sighting.dialog, history.extension)


def _party(dialog: Dialog | None, address: str | None) -> Participant | None:
    return dialog.participant(address) if dialog is not None and address else None


def _others_before(history: History, dialog_id: str) -> list[str]:
    """Return the addresses of the other parties on a call when the request was sent."""
    before = history.before.get(dialog_id)
    if before is None:
        return []
    return [
        party.media_address
        for party in before.participants
        if party.media_address and party.media_address != history.extension and not party.has_left
    ]
