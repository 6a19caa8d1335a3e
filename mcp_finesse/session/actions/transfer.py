"""Actions for transfers and conferences, and the evidence that distinguishes a transfer from a call that ended.

TRANSFER and CONFERENCE are sent to the dialog on which the agent is HELD (guide p.84). The functions of this
module accept the id of either phone call.

A blind transfer by an agent with wrap-up leaves the agent in WRAP_UP and the caller ACTIVE. Without wrap-up, a
blind transfer ends with a DELETE event in which every participant may be DROPPED, including the caller. When
the caller hangs up, the caller is DROPPED no later than the agent. A consult transfer removes the agent from
both calls at the same time (recorded events, and guide p.131).
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import LEFT_STATES, Dialog, Participant, own_participant
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, PreparedRequest, action, own_extension
from mcp_finesse.session.actions.calls import DialogsLeft, prepare_participant_action
from mcp_finesse.session.actions.completion import Completion, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, History, Report, Weak

# -- actions


@action(dialogs.TRANSFER, dialogs.TRANSFER_SST)
def transfer_call(dialog_id: str, to_address: str | None = None) -> Action:
    """Transfer the call to a number (blind transfer). If no number is given, transfer to the consulted party."""
    if to_address is None:
        return Action(
            "TRANSFER",
            dialog_id,
            lambda view: _prepare_join(view, "TRANSFER", dialog_id),
            call_control=True,
            operation=dialogs.TRANSFER,
        )

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        return PreparedRequest(
            _blind_transfer_completion(dialog_id, to_address),
            lambda rest, rid: dialogs.blind_transfer(rest, dialog_id, to_address, extension, request_id=rid),
            dialog_id,
            "TRANSFER_SST",
        )

    return Action("TRANSFER_SST", dialog_id, prepare, call_control=True, operation=dialogs.TRANSFER_SST)


@action(dialogs.CONFERENCE)
def conference_call(dialog_id: str) -> Action:
    """Merge the agent's held call and active call into a conference."""
    return Action(
        "CONFERENCE", dialog_id, lambda view: _prepare_join(view, "CONFERENCE", dialog_id), call_control=True
    )


def _prepare_join(view: View, name: str, dialog_id: str) -> PreparedRequest:
    """Return the TRANSFER or CONFERENCE request, which joins the held dialog with the active dialog."""
    held, active = held_and_active(view, name, dialog_id)
    others = {p.media_address or "" for d in (held, active) for p in d.participants if p.state != "DROPPED"}
    if name == "CONFERENCE":
        return prepare_participant_action(
            view, name, held.id, Conferenced((held.id, active.id), frozenset(others))
        )
    return prepare_participant_action(view, name, held.id, _consult_transfer_completion(view, held, active))


_NO_MORE = (
    "Finesse does not report whether the transfer succeeded or the caller hung up at the same moment; no "
    "error arrived."
)


def _blind_transfer_completion(dialog_id: str, to_address: str) -> Completion:
    """Return the completion of a blind transfer: the agent left the call, and the caller did not hang up."""
    return Weak(
        DialogsLeft((dialog_id,)),
        supported_by=(
            ParticipantSeen(dialog_id, (to_address,)),
            CallerStayed(dialog_id),
            EventCarriesRequestId((dialog_id,), _NO_MORE),
            HeldForTransfer(dialog_id, _NO_MORE),
        ),
        contradicted_by=(CallerLeftFirst(dialog_id),),
        otherwise="the call ended, and nothing shows whether it was transferred or the caller hung up",
    )


def _consult_transfer_completion(view: View, held: Dialog, active: Dialog) -> Completion:
    """Return the completion of a consult transfer: the agent left both calls together, and no party hung up first."""
    consulted = tuple(
        party.media_address
        for party in active.participants
        if party.media_address and party.media_address != view.extension
    )
    both = (held.id, active.id)
    return Weak(
        DialogsLeft(both),
        supported_by=(
            ParticipantSeen(held.id, consulted),
            LeftTogether(both),
            EventCarriesRequestId(both, _NO_MORE),
        ),
        contradicted_by=(
            CallerLeftFirst(held.id),
            CallerLeftFirst(active.id, "the consulted party"),
            LeftApart(both),
        ),
        otherwise="both calls ended, and nothing shows whether they were connected or the parties hung up",
    )


def held_and_active(view: View, name: str, dialog_id: str) -> tuple[Dialog, Dialog]:
    """Return the agent's held call and active call. One of the two has the id ``dialog_id``.

    Raises:
        InvalidRequestError: there is no such pair of calls.
    """
    by_state: dict[str, list[Dialog]] = {"HELD": [], "ACTIVE": [], "INITIATED": []}
    for dialog in view.dialogs.values():
        participant = own_participant(dialog, view.extension)
        if participant is not None and participant.state in by_state:
            by_state[str(participant.state)].append(dialog)
    held, active = by_state["HELD"], by_state["ACTIVE"] or by_state["INITIATED"]
    pairs = [(h, a) for h in held for a in active if dialog_id in (h.id, a.id)]
    if not pairs:
        raise InvalidRequestError(
            f"{name} requires one held and one active call, and call {dialog_id} is not part of such a pair. "
            "Nothing was sent.",
            advice=_advice_for_join(view, name, dialog_id),
        )
    return next((p for p in pairs if p[0].id == dialog_id), pairs[0])


def _advice_for_join(view: View, name: str, dialog_id: str) -> str:
    """Return advice on how to get one held call and one active call, given the agent's state on this call."""
    own = own_participant(view.dialogs.get(dialog_id), view.extension)
    if own is None:
        return f"Current calls: {', '.join(view.dialogs) or 'none'}."
    if own.state == "ACTIVE":
        blind = ", or give to_address for a blind transfer" if name == "TRANSFER" else ""
        return f"Use consult_call first{blind}."
    if own.state == "HELD":
        return f"Use retrieve_call(dialog_id={dialog_id}), then consult_call."
    return (
        f"The agent is {own.state} on this call. For a transfer or conference, the agent must be "
        "ACTIVE on one call and HELD on another."
    )


# -- completions and evidence


@dataclass(frozen=True, slots=True)
class Conferenced:
    """The completion of a conference: the agent is active on one call, and the other call no longer exists."""

    dialog_ids: tuple[str, str]
    others: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when one call remains that contains all parties of both calls."""
        left = [view.dialogs[i] for i in self.dialog_ids if i in view.dialogs]
        if len(left) != 1:
            return Evaluation(failed="Both calls have ended.") if not left else None
        participant = own_participant(left[0], view.extension)
        present = {p.media_address for p in left[0].participants if not p.has_left}
        if participant is None or participant.state != "ACTIVE" or not self.others <= present:
            return None
        return Evaluation(left[0].id)


@dataclass(frozen=True, slots=True)
class CallerStayed:
    """The observation that the only other party stayed on the call after the agent had left.

    With several other parties this observation is no evidence, because a call also continues if the agent
    merely leaves.
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
    """The observation that the transfer target became a participant of the call."""

    dialog_id: str
    addresses: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the target was seen as a participant, in any state."""
        before = history.before.get(self.dialog_id)
        new = [address for address in self.addresses if _party(before, address) is None]
        return any(_party(each.dialog, address) for each in history.of(self.dialog_id) for address in new)


@dataclass(frozen=True, slots=True)
class HeldForTransfer:
    """The observation that the agent's participant became HELD after the request, and left in that state."""

    dialog_id: str
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the participant became HELD after the request and left the call in that state."""
        before = history.before.get(self.dialog_id)
        own = before.participant(history.extension) if before is not None and history.extension else None
        states = [party.state for each in history.of(self.dialog_id) if (party := _own(history, each))]
        live = [state for state in states if state not in LEFT_STATES]
        return own is not None and own.state != "HELD" and bool(live) and live[-1] == "HELD"


@dataclass(frozen=True, slots=True)
class CallerLeftFirst:
    """The observation that all other parties had left before the agent left or entered wrap-up."""

    dialog_id: str
    who: str = "the caller"

    def seen_in(self, history: History) -> str:
        """Return the observation, as text, or an empty string."""
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
                return ""  # the agent left before the other parties, so no contradiction was seen
        return ""


@dataclass(frozen=True, slots=True)
class LeftTogether:
    """The observation that the agent left all given calls at nearly the same time."""

    dialog_ids: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether notifications reported at nearly the same time that the agent left each call."""
        times = [_left_at(history, dialog_id) for dialog_id in self.dialog_ids]
        known = [time for time in times if time is not None]
        return len(known) == len(times) and max(known) - min(known) <= history.together


@dataclass(frozen=True, slots=True)
class LeftApart:
    """The observation that the agent left one of the given calls long before another."""

    dialog_ids: tuple[str, ...]

    def seen_in(self, history: History) -> str:
        """Return the observation, as text, or an empty string."""
        times = [time for each in self.dialog_ids if (time := _left_at(history, each)) is not None]
        if len(times) == len(self.dialog_ids) and max(times) - min(times) > history.together:
            return "the two calls ended one after the other, which suggests that a party hung up"
        return ""


def _left_at(history: History, dialog_id: str) -> float | None:
    """Return when a notification first reported that the agent had left a call."""
    for each in history.of(dialog_id):
        own = _own(history, each)
        if each.event == "DELETE" or (each.event and own is not None and own.has_left):
            return each.at
    return None


def _own(history: History, sighting: Report) -> Participant | None:
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
