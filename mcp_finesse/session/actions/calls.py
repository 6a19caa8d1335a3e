"""Actions on the agent's own phone calls: the requests, and the state changes that confirm them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, own_participant
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, PreparedRequest, action, own_extension
from mcp_finesse.session.actions.call_data import CallData
from mcp_finesse.session.actions.completion import Completion, Evaluation, NeverReported, View

# -- completions


@dataclass(frozen=True, slots=True)
class ParticipantReached:
    """The completion of an action after which the agent's participant has one of the given states."""

    dialog_id: str
    states: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the participant has one of the states. Fail when the dialog no longer exists."""
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
    """The completion of an action after which the agent has left all of the given phone calls."""

    dialog_ids: tuple[str, ...]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when every phone call has ended, or the agent has left it or is in wrap-up."""
        for dialog_id in self.dialog_ids:
            dialog = view.dialogs.get(dialog_id)
            participant = own_participant(dialog, view.extension)
            if dialog is not None and (participant is None or not participant.has_left):
                return None
        return Evaluation(self.dialog_ids[0])


_DIALED = "Finesse has not reported that the called phone is ringing."


@dataclass(frozen=True, slots=True)
class NewCall:
    """The completion of a new phone call to an address, with call variables.

    Attributes:
        held: For a consult call, the original phone call, which must be HELD.
    """

    to_address: str
    before: frozenset[str]
    held: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the called phone rings or is answered. Fail when the phone is busy or unreachable.

        Not every telephone switch reports that the called phone rings. A phone call that stays in the dialing
        state is provisionally accepted.
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
                note = "" if rings else _DIALED
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


# -- actions


@action(dialogs.make_call)
def make_call(user_id: str, to_address: str, variables: Mapping[str, str] | None = None) -> Action:
    """Call a number from the agent's extension."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        return PreparedRequest(
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

    return Action("MAKE_CALL", "dialogs", prepare, call_control=True)


@action(dialogs.ANSWER)
def answer_call(dialog_id: str) -> Action:
    """Answer an alerting call."""
    return _participant_action(CallAction.ANSWER, dialog_id)


@action(dialogs.HOLD)
def hold_call(dialog_id: str) -> Action:
    """Put an active call on hold."""
    return _participant_action(CallAction.HOLD, dialog_id)


@action(dialogs.RETRIEVE)
def retrieve_call(dialog_id: str) -> Action:
    """Resume a held call."""
    return _participant_action(CallAction.RETRIEVE, dialog_id)


@action(dialogs.DROP, dialogs.END_SILENT_MONITOR, dialogs.END_BARGE_CALL)
def end_call(dialog_id: str) -> Action:
    """Leave a phone call. A phone call between two parties then ends."""

    def prepare(view: View) -> PreparedRequest:
        return prepare_participant_action(view, "DROP", dialog_id, DialogsLeft((dialog_id,)))

    return Action("DROP", dialog_id, prepare, call_control=True, operation=dialogs.DROP)


@action(dialogs.consult_call)
def consult_call(dialog_id: str, to_address: str) -> Action:
    """Hold the call and call another party."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        return PreparedRequest(
            NewCall(to_address, frozenset(view.dialogs), held=dialog_id),
            lambda rest, rid: dialogs.consult_call(rest, dialog_id, to_address, extension, request_id=rid),
            dialog_id,
            "CONSULT_CALL",
        )

    return Action("CONSULT_CALL", dialog_id, prepare, call_control=True)


@action(dialogs.send_dtmf)
def send_dtmf(dialog_id: str, digits: str) -> Action:
    """Send DTMF tones on a phone call. Finesse never confirms that the tones were sent."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        return PreparedRequest(
            NeverReported(dialog_id),
            lambda rest, rid: dialogs.send_dtmf(
                rest, dialog_id, digits, extension, platform=view.platform, request_id=rid
            ),
            dialog_id,
            "SEND_DTMF",
        )

    return Action(
        "SEND_DTMF",
        dialog_id,
        prepare,
        call_control=True,
    )


def _participant_action(name: CallAction, dialog_id: str) -> Action:
    """Return an action that is confirmed when the agent's participant reaches a state."""
    state = ACTION_RULES[name].becomes
    assert state is not None  # noqa: S101  (the callers pass only actions with a resulting state)

    def prepare(view: View) -> PreparedRequest:
        return prepare_participant_action(
            view, name, dialog_id, ParticipantReached(dialog_id, frozenset({state}))
        )

    return Action(name, dialog_id, prepare, call_control=True)


def prepare_participant_action(
    view: View, name: str, dialog_id: str, completion: Completion
) -> PreparedRequest:
    """Return the request for an action that Finesse executes on the agent's participant without further arguments."""
    extension = own_extension(view)

    def send(rest: RestClient, request_id: str) -> Awaitable[None]:
        return dialogs.take_action(rest, dialog_id, name, extension, request_id=request_id)

    return PreparedRequest(completion, send, dialog_id, name)
