"""Call control on the agent's own calls: what is sent, and what confirms it.

TRANSFER and CONFERENCE are sent to the dialog on which the agent is HELD when the request is sent (guide p.84),
whichever of the two calls was named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, MediaProperties, own_participant
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.actions.call_evidence import (
    CallerLeftFirst,
    CallerStayed,
    HeldForTransfer,
    LeftApart,
    LeftTogether,
    ParticipantSeen,
)
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, Unseen, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Sighting, Weak

# -- completions


@dataclass(frozen=True, slots=True)
class ParticipantIs:
    """The agent's participant reaches one of these states."""

    dialog_id: str
    states: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Confirm when the state is reached. Fail when the dialog no longer exists."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, failed="The call has ended.")
        participant = own_participant(dialog, view.extension)
        return (
            Evaluation(self.dialog_id)
            if participant is not None and participant.state in self.states
            else None
        )


@dataclass(frozen=True, slots=True)
class DialogsLeft:
    """The agent is no longer on any of these calls (gone, dropped or in wrap-up)."""

    dialog_ids: tuple[str, ...]

    def verdict(self, view: View) -> Evaluation | None:
        """Confirm when the agent has left all of them."""
        for dialog_id in self.dialog_ids:
            dialog = view.dialogs.get(dialog_id)
            participant = own_participant(dialog, view.extension)
            if dialog is not None and (participant is None or not participant.has_left):
                return None
        return Evaluation(self.dialog_ids[0])


_DIALLED = "Finesse has not reported ringing."


@dataclass(frozen=True, slots=True)
class NewCall:
    """A new call to this address, with these call variables.

    Attributes:
        held: For a consult: the first call, which must be HELD.
    """

    to_address: str
    before: frozenset[str]
    held: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, view: View) -> Evaluation | None:
        """Confirm when the other side rings or answers. Fail when it is busy or unreachable.

        Not every switch reports ringing. A call that stays dialed is provisionally accepted.
        """
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if dialog.id in self.before or participant is None or not self._is_ours(view, dialog):
                continue
            if participant.state == "FAILED" or dialog.state == "FAILED":
                cause = participant.state_cause or "no cause given"
                return Evaluation(dialog.id, failed=f"The call to {self.to_address!r} failed: {cause}.")
            if self._first_is_held(view) and participant.state in ("INITIATED", "ALERTING", "ACTIVE"):
                rings = dialog.state in ("ALERTING", "ACTIVE")
                differences = CallData(dialog.id, self.variables).differences(dialog)
                note = "" if rings else _DIALLED
                return Evaluation(
                    dialog.id, differences, note=note, provisional=not rings or bool(differences)
                )
        return None

    def _is_ours(self, view: View, dialog: Dialog) -> bool:
        if dialog.from_address != view.extension:
            return False
        dialled = dialog.media_properties.dialed_number if dialog.media_properties is not None else None
        return self.to_address in (dialog.to_address, dialled) or not dialog.to_address

    def _first_is_held(self, view: View) -> bool:
        if self.held is None:
            return True
        participant = own_participant(view.dialogs.get(self.held), view.extension)
        return participant is not None and participant.state == "HELD"


@dataclass(frozen=True, slots=True)
class Conferenced:
    """Two calls were merged: the agent is active on one, and the other no longer exists."""

    dialog_ids: tuple[str, str]
    others: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Confirm when one call remains and contains all parties of the two."""
        left = [view.dialogs[i] for i in self.dialog_ids if i in view.dialogs]
        if len(left) != 1:
            return Evaluation(failed="Both calls have ended.") if not left else None
        participant = own_participant(left[0], view.extension)
        present = {p.media_address for p in left[0].participants if not p.has_left}
        if participant is None or participant.state != "ACTIVE" or not self.others <= present:
            return None
        return Evaluation(left[0].id)


@dataclass(frozen=True, slots=True)
class CallData:
    """The call has these variables and wrap-up reasons, as far as Finesse stores them.

    The CTI server truncates an over-long ECC value without an error (guide p.90). A value that is a prefix of the
    requested one may also be an older value, so it is weak. The end of the call is weak too: the values may have been
    written before it.

    Attributes:
        wrap_up_items: Several wrap-up reasons (UCCX).
    """

    dialog_id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    wrap_up_reason: str | None = None
    wrap_up_items: tuple[str, ...] = ()

    def verdict(self, view: View) -> Evaluation | None:
        """Strong when every value matches. Weak when some are truncated, or when the call has ended."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        differences = self.differences(dialog)
        if not all(map(_may_be_cut, differences)):
            return None
        return Evaluation(self.dialog_id, differences, weak=bool(differences))

    def evidence(self, history: History) -> Evidence:
        """Compare the newest report of the call with the request and with the values before it."""
        seen = history.of(self.dialog_id)
        newest = next((each for each in reversed(seen) if each.dialog is not None), None)
        before = history.before.get(self.dialog_id)
        ended = bool(seen) and (seen[-1].dialog is None or seen[-1].event == "DELETE")
        if newest is None or newest.dialog is None or before is None:
            return Evidence(otherwise=_UNSEEN if ended else _MAY_BE_OLD)
        differences = self.differences(newest.dialog)
        if not differences:
            return Evidence(supported=True, limits="The call has ended." if ended else "")
        if ended:
            return self._evidence_of_end(newest, differences)
        if EventCarriesRequestId((self.dialog_id,)).seen_in(history) or self._moved(before, differences):
            return Evidence(supported=True)
        return Evidence(otherwise=_MAY_BE_OLD)

    def _evidence_of_end(self, newest: Sighting, differences: tuple[Difference, ...]) -> Evidence:
        """Return the evidence of an ended call. A DELETE with call variables shows its last values."""
        properties = newest.dialog.media_properties if newest.dialog is not None else None
        told = properties is not None and bool(properties.call_variables or properties.wrap_up_reason)
        if newest.event == "DELETE" and told and not all(map(_may_be_cut, differences)):
            return Evidence(failed="The call has ended without the requested values.")
        return Evidence(otherwise=_UNSEEN)

    def _moved(self, before: Dialog, differences: tuple[Difference, ...]) -> bool:
        """Whether a value became the requested one, or a prefix of it, since the request was sent."""
        earlier = {each.field: each.got for each in self.differences(before)}
        now = {each.field: each.got for each in differences}
        return any(now.get(name) != got for name, got in earlier.items())

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Return the values that differ from the request."""
        properties = dialog.media_properties or MediaProperties()
        held = {variable.name: variable.value or "" for variable in properties.call_variables}
        asked = dict(self.variables)
        if self.wrap_up_reason is not None:
            asked["wrapUpReason"], held["wrapUpReason"] = self.wrap_up_reason, properties.wrap_up_reason or ""
        if self.wrap_up_items:
            asked[_ITEMS] = _as_text(self.wrap_up_items)
            held[_ITEMS] = _as_text(properties.wrap_up_items)
        return tuple(
            Difference(name, value, held.get(name, ""))
            for name, value in asked.items()
            if held.get(name, "") != value
        )


_ITEMS = "wrapUpItems"
_UNSEEN = "the call ended before the values were reported"
_MAY_BE_OLD = "the current values may be those from before the request"


def _as_text(labels: Iterable[str]) -> str:
    """Join labels to one text, independent of their order."""
    return ", ".join(sorted(labels))


def _may_be_cut(difference: Difference) -> bool:
    return difference.field != _ITEMS and difference.got != "" and difference.asked.startswith(difference.got)


# -- actions

_TAKE_ACTION = "dialogs.take_action"


@normalized
def make_call(user_id: str, to_address: str, variables: Mapping[str, str] | None = None) -> Action:
    """Call a number from the agent's extension."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        return Step(
            NewCall(to_address, frozenset(view.dialogs), variables=dict(variables or {})),
            lambda rest, rid: dialogs.make_call(
                rest,
                user_id,
                extension,
                to_address,
                variables or {},
                platform=view.platform,
                ecc_lengths=view.ecc_lengths,
                request_id=rid,
            ),
            call_to=to_address,
        )

    return Action("MAKE_CALL", "dialogs", plan, call_control=True, operation="dialogs.make_call")


@normalized
def answer_call(dialog_id: str) -> Action:
    """Answer an alerting call."""
    return _participant_action(CallAction.ANSWER, dialog_id)


@normalized
def hold_call(dialog_id: str) -> Action:
    """Put an active call on hold."""
    return _participant_action(CallAction.HOLD, dialog_id)


@normalized
def retrieve_call(dialog_id: str) -> Action:
    """Resume a held call."""
    return _participant_action(CallAction.RETRIEVE, dialog_id)


@normalized
def end_call(dialog_id: str) -> Action:
    """Leave a call. With two parties this ends it."""

    def plan(view: View) -> Step:
        return _step(view, "DROP", dialog_id, DialogsLeft((dialog_id,)))

    return Action("DROP", dialog_id, plan, call_control=True, operation=_TAKE_ACTION)


@normalized
def consult_call(dialog_id: str, to_address: str) -> Action:
    """Hold the call and call another party."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        return Step(
            NewCall(to_address, frozenset(view.dialogs), held=dialog_id),
            lambda rest, rid: dialogs.consult_call(rest, dialog_id, to_address, extension, request_id=rid),
            dialog_id,
            "CONSULT_CALL",
        )

    return Action("CONSULT_CALL", dialog_id, plan, call_control=True, operation="dialogs.consult_call")


@normalized
def transfer_call(dialog_id: str, to_address: str | None = None) -> Action:
    """Transfer the call: to a number (blind transfer), or without one to the consulted party."""
    if to_address is None:
        return Action(
            "TRANSFER",
            dialog_id,
            lambda view: _join(view, "TRANSFER", dialog_id),
            call_control=True,
            operation=_TAKE_ACTION,
        )

    def plan(view: View) -> Step:
        extension = own_extension(view)
        return Step(
            _transferred_to(dialog_id, to_address),
            lambda rest, rid: dialogs.transfer_single_step(
                rest, dialog_id, to_address, extension, request_id=rid
            ),
            dialog_id,
            "TRANSFER_SST",
        )

    return Action(
        "TRANSFER_SST", dialog_id, plan, call_control=True, operation="dialogs.transfer_single_step"
    )


@normalized
def conference_call(dialog_id: str) -> Action:
    """Merge the held call and the active one into a conference."""
    return Action(
        "CONFERENCE",
        dialog_id,
        lambda view: _join(view, "CONFERENCE", dialog_id),
        call_control=True,
        operation=_TAKE_ACTION,
    )


@normalized
def send_dtmf(dialog_id: str, digits: str) -> Action:
    """Send DTMF tones on a call. Finesse never confirms them."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        return Step(
            Unseen(dialog_id),
            lambda rest, rid: dialogs.send_dtmf(
                rest, dialog_id, digits, extension, platform=view.platform, request_id=rid
            ),
            dialog_id,
            "SEND_DTMF",
        )

    confirmed = ACTION_RULES[CallAction.SEND_DTMF].confirmed
    return Action(
        "SEND_DTMF",
        dialog_id,
        plan,
        call_control=True,
        confirmed=confirmed,
        operation="dialogs.send_dtmf",
    )


@normalized
def update_call_data(
    dialog_id: str,
    variables: Mapping[str, str],
    wrap_up: str | None = None,
    wrap_up_items: Sequence[str] = (),
) -> Action:
    """Update call variables, a wrap-up reason (its label) or several (UCCX), or all of these."""

    def plan(view: View) -> Step:
        return Step(
            CallData(dialog_id, dict(variables), wrap_up, tuple(wrap_up_items)),
            lambda rest, rid: dialogs.update_call_data(
                rest,
                dialog_id,
                variables,
                wrap_up,
                wrap_up_items=wrap_up_items,
                platform=view.platform,
                ecc_lengths=view.ecc_lengths,
                request_id=rid,
            ),
            dialog_id,
            "UPDATE_CALL_DATA",
        )

    return Action("UPDATE_CALL_DATA", dialog_id, plan, operation="dialogs.update_call_data")


@normalized
def wrap_up_call(dialog_id: str, *reasons: str) -> Action:
    """Set the wrap-up reason of a call by its label, or several (UCCX)."""
    one = len(reasons) == 1
    action = update_call_data(dialog_id, {}, reasons[0] if one else None, () if one else reasons)
    return replace(action, result=f"The wrap-up reason{'' if one else 's'} {'was' if one else 'were'} stored")


def _participant_action(name: CallAction, dialog_id: str) -> Action:
    """Return an action that is confirmed when the agent's participant reaches a state."""
    state = ACTION_RULES[name].becomes
    assert state is not None  # noqa: S101  (ACTION_RULES has a state for each of these)

    def plan(view: View) -> Step:
        return _step(view, name, dialog_id, ParticipantIs(dialog_id, frozenset({state})))

    return Action(name, dialog_id, plan, call_control=True, operation=_TAKE_ACTION)


def _step(view: View, name: str, dialog_id: str, goal: Completion) -> Step:
    extension = own_extension(view)

    def send(rest: RestClient, request_id: str) -> Awaitable[None]:
        return dialogs.take_action(rest, dialog_id, name, extension, request_id=request_id)

    return Step(goal, send, dialog_id, name)


def _join(view: View, name: str, dialog_id: str) -> Step:
    """Return the step of TRANSFER or CONFERENCE, which goes to the held dialog and joins it with the active one."""
    held, active = _pair(view, name, dialog_id)
    others = {p.media_address or "" for d in (held, active) for p in d.participants if p.state != "DROPPED"}
    if name == "CONFERENCE":
        return _step(view, name, held.id, Conferenced((held.id, active.id), frozenset(others)))
    return _step(view, name, held.id, _connected(view, held, active))


_NO_MORE = (
    "Finesse does not report whether the transfer succeeded or the caller hung up at the same moment; no "
    "error arrived."
)


def _transferred_to(dialog_id: str, to_address: str) -> Completion:
    """A blind transfer: the agent has left the call, and not because the caller hung up."""
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


def _connected(view: View, held: Dialog, active: Dialog) -> Completion:
    """A consult transfer: the agent leaves both calls at the same time, and nobody hung up first."""
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


def _pair(view: View, name: str, dialog_id: str) -> tuple[Dialog, Dialog]:
    """Return the agent's held and active call, one of which is ``dialog_id``."""
    by_state: dict[str, list[Dialog]] = {"HELD": [], "ACTIVE": [], "INITIATED": []}
    for dialog in view.dialogs.values():
        participant = own_participant(dialog, view.extension)
        if participant is not None and participant.state in by_state:
            by_state[str(participant.state)].append(dialog)
    held, active = by_state["HELD"], by_state["ACTIVE"] or by_state["INITIATED"]
    pairs = [(h, a) for h in held for a in active if dialog_id in (h.id, a.id)]
    if not pairs:
        raise InvalidRequestError(
            f"{name} joins a held and an active call, and call {dialog_id} is not one of such a pair. "
            "Nothing was sent.",
            advice=_way_to_a_pair(view, name, dialog_id),
        )
    return next((p for p in pairs if p[0].id == dialog_id), pairs[0])


def _way_to_a_pair(view: View, name: str, dialog_id: str) -> str:
    """Return how to get to a held and an active call, given the agent's state on this one."""
    own = own_participant(view.dialogs.get(dialog_id), view.extension)
    if own is None:
        return f"Current calls: {', '.join(view.dialogs) or 'none'}."
    if own.state == "ACTIVE":
        blind = ", or give to_address for a blind transfer" if name == "TRANSFER" else ""
        return f"Use consult_call first{blind}."
    if own.state == "HELD":
        return f"Use retrieve_call(dialog_id={dialog_id}), then consult_call."
    return f"The agent is {own.state} on this call. It must be ACTIVE, and another call HELD."
