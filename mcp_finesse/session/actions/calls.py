"""The actions on calls: for each what to send, and which change proves it.

A transfer, for instance, goes to the dialog on which the agent is HELD when its turn has come (guide p.84),
whichever of the two calls the caller named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, own_participant
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.completion.call_evidence import (
    CallerLeftFirst,
    CallerStayed,
    HeldForTransfer,
    LeftApart,
    LeftTogether,
    ParticipantSeen,
)
from mcp_finesse.session.completion.calls import CallData, Conferenced, DialogsLeft, NewCall, ParticipantIs
from mcp_finesse.session.completion.completion import Completion, Unseen, View
from mcp_finesse.session.completion.evidence import EventCarriesRequestId, Weak

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
    """Take a held call back."""
    return _participant_action(CallAction.RETRIEVE, dialog_id)


@normalized
def end_call(dialog_id: str) -> Action:
    """Leave a call; with two parties that ends it."""

    def plan(view: View) -> Step:
        return _step(view, "DROP", dialog_id, DialogsLeft((dialog_id,)))

    return Action("DROP", dialog_id, plan, call_control=True, operation=_TAKE_ACTION)


@normalized
def consult_call(dialog_id: str, to_address: str) -> Action:
    """Hold the call and ask somebody else on a second one."""

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
    """Hand the call over: to a number at once, or (without one) to the party that was consulted."""
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
    """Join the held call and the active one into one conversation."""
    return Action(
        "CONFERENCE",
        dialog_id,
        lambda view: _join(view, "CONFERENCE", dialog_id),
        call_control=True,
        operation=_TAKE_ACTION,
    )


@normalized
def send_dtmf(dialog_id: str, digits: str) -> Action:
    """Send tones on a call. Finesse never confirms them."""

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
    """Write call variables, a wrap-up reason (its label) or several (UCCX), or all of it."""

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
    """Say what the call was about, by the label of a wrap-up reason, or of several (UCCX)."""
    if len(reasons) == 1:
        return update_call_data(dialog_id, {}, reasons[0])
    return update_call_data(dialog_id, {}, wrap_up_items=reasons)


def _participant_action(name: CallAction, dialog_id: str) -> Action:
    """An action that is proved by the state which the agent's participant reaches."""
    state = ACTION_RULES[name].becomes
    assert state is not None  # noqa: S101  (by the table)

    def plan(view: View) -> Step:
        return _step(view, name, dialog_id, ParticipantIs(dialog_id, frozenset({state})))

    return Action(name, dialog_id, plan, call_control=True, operation=_TAKE_ACTION)


def _step(view: View, name: str, dialog_id: str, goal: Completion) -> Step:
    extension = own_extension(view)

    def send(rest: RestClient, request_id: str) -> Awaitable[None]:
        return dialogs.take_action(rest, dialog_id, name, extension, request_id=request_id)

    return Step(goal, send, dialog_id, name)


def _join(view: View, name: str, dialog_id: str) -> Step:
    """TRANSFER and CONFERENCE go to the held dialog and join it with the active one."""
    held, active = _pair(view, name, dialog_id)
    others = {p.media_address or "" for d in (held, active) for p in d.participants if p.state != "DROPPED"}
    if name == "CONFERENCE":
        return _step(view, name, held.id, Conferenced((held.id, active.id), frozenset(others)))
    return _step(view, name, held.id, _connected(view, held, active))


_NO_MORE = (
    "Finesse does not report whether the transfer succeeded or the caller hung up at the same moment; "
    "no error came."
)


def _transferred_to(dialog_id: str, to_address: str) -> Completion:
    """A blind transfer: the agent is out of the call, and not because the caller hung up."""
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
    """A consult transfer: both calls leave the agent together, and nobody hung up first."""
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
    """The held and the active call of the agent; ``dialog_id`` is one of them."""
    by_state: dict[str, list[Dialog]] = {"HELD": [], "ACTIVE": [], "INITIATED": []}
    for dialog in view.dialogs.values():
        participant = own_participant(dialog, view.extension)
        if participant is not None and participant.state in by_state:
            by_state[str(participant.state)].append(dialog)
    held, active = by_state["HELD"], by_state["ACTIVE"] or by_state["INITIATED"]
    pairs = [(h, a) for h in held for a in active if dialog_id in (h.id, a.id)]
    if not pairs:
        raise InvalidRequestError(
            f"{name} joins a held and an active call, and dialog {dialog_id} is not one of two such calls. "
            "Nothing was sent.",
            advice=_way_to_a_pair(view, name, dialog_id),
        )
    return next((p for p in pairs if p[0].id == dialog_id), pairs[0])


def _way_to_a_pair(view: View, name: str, dialog_id: str) -> str:
    """Return what comes before the calls can be joined, given the agent's state on this one."""
    own = own_participant(view.dialogs.get(dialog_id), view.extension)
    if own is None:
        return f"Dialogs now: {', '.join(view.dialogs) or 'none'}."
    if own.state == "ACTIVE":
        blind = ", or give to_address for a blind transfer" if name == "TRANSFER" else ""
        return f"Use consult_call first{blind}."
    if own.state == "HELD":
        return f"Use retrieve_call(dialog_id={dialog_id}), then consult_call."
    return f"The agent is {own.state} on it. This works when the call is ACTIVE and another one is HELD."
