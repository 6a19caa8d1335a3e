"""Outbound campaigns: previews, classification and callbacks. What is sent, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Dialog, own_participant
from mcp_finesse.rest.api import outbound
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Weak, is_gone

# -- completions

RESPONSE = "BAResponse"
"""The only place where a classification shows (guide p.111)."""

_ENDED = "the call ended before Finesse showed the change"
_MINUTES = len("2030-05-01T14:30")


@dataclass(frozen=True, slots=True)
class PreviewAccepted:
    """The preview is accepted, or the customer is on the line already."""

    dialog_id: str
    before: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """A preview that is gone proves nothing by itself: its time may have run out."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is not None:
            participant = own_participant(dialog, view.extension)
            accepted = "ACCEPTED" in (dialog.state, participant.state if participant is not None else None)
            return Evaluation(self.dialog_id) if accepted else None
        calls = [
            each.id for each in view.dialogs.values() if each.id not in self.before and _is_outbound(each)
        ]
        return Evaluation(calls[0], note="The customer is being called.") if calls else None


@dataclass(frozen=True, slots=True)
class PreviewGone:
    """The preview is no longer shown to the agent."""

    dialog_id: str

    def verdict(self, view: View) -> Evaluation | None:
        """Done when it has left the agent's list."""
        participant = own_participant(view.dialogs.get(self.dialog_id), view.extension)
        gone = self.dialog_id not in view.dialogs or (
            participant is not None and participant.state == "DROPPED"
        )
        return Evaluation(self.dialog_id) if gone else None


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The response of the call is the classification that was asked for, in Finesse's words."""

    dialog_id: str
    classification: str
    before: str | None

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the response is as asked; weak when it has become something else."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        differences = self.differences(dialog)
        if differences and response_of(dialog) in (None, self.before):
            return None
        return Evaluation(self.dialog_id, differences, weak=bool(differences))

    def evidence(self, history: History) -> Evidence:
        """Another response is ours when a notification with our request id brought one."""
        if is_gone(history, self.dialog_id):
            return Evidence(otherwise=_ENDED, contradicted=True)
        supported = EventCarriesRequestId((self.dialog_id,)).seen_in(history)
        return Evidence(supported, otherwise="the call has a different classification")

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """The response, where it is not the one asked for."""
        response = response_of(dialog) or ""
        same = response.upper() == self.classification.upper()
        return () if same else (Difference(RESPONSE, self.classification, response),)


@dataclass(frozen=True, slots=True)
class CallbackIs:
    """The call carries a callback at this time, to this number; what was not asked for does not count."""

    dialog_id: str
    time: str | None = None
    number: str | None = None

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the dialog shows what was asked for."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        return None if self.differences(dialog) else Evaluation(self.dialog_id)

    def evidence(self, _: History) -> Evidence:
        """A callback outlives the call, so the end of the call proves nothing."""
        return Evidence(otherwise=_ENDED, contradicted=True)

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Each part that is not as asked; seconds and a zone behind the minutes do not count."""
        held = dialog.scheduled_callback
        time = ((held.callback_time if held is not None else None) or "")[:_MINUTES]
        number = (held.callback_number if held is not None else None) or ""
        pairs = (("callbackTime", self.time, time), ("callbackNumber", self.number, number))
        return tuple(Difference(name, asked, got) for name, asked, got in pairs if asked not in (None, got))


@dataclass(frozen=True, slots=True)
class NoCallback:
    """The call carries no callback."""

    dialog_id: str

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the dialog shows none."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        held = dialog.scheduled_callback
        none = held is None or not (held.callback_time or held.callback_number)
        return Evaluation(self.dialog_id) if none else None

    def evidence(self, _: History) -> Evidence:
        """A callback outlives the call, so the end of the call proves nothing."""
        return Evidence(otherwise=_ENDED, contradicted=True)


def response_of(dialog: Dialog) -> str | None:
    """How the call of a campaign is classified, or None."""
    media = dialog.media_properties
    return media.variable(RESPONSE) if media is not None else None


def _is_outbound(dialog: Dialog) -> bool:
    media = dialog.media_properties
    return media is not None and (media.call_type or "").upper() == "OUTBOUND"


# -- actions


@normalized
def answer_preview(dialog_id: str, answer: str) -> Action:
    """ACCEPT (the customer is called), REJECT (not now) or CLOSE (never) what a campaign proposes."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        goal: Completion = Weak(PreviewGone(dialog_id), (), "the preview is gone", unreported=True)
        if answer == "ACCEPT":
            goal = PreviewAccepted(dialog_id, frozenset(view.dialogs))
        return Step(
            goal,
            lambda rest, rid: outbound.answer_preview(rest, dialog_id, answer, extension, request_id=rid),
            dialog_id,
            answer,
        )

    return Action(answer, dialog_id, plan, call_control=True, operation="outbound.answer_preview")


@normalized
def reclassify_call(dialog_id: str, classification: str) -> Action:
    """Say what really answered a call of a direct preview campaign."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        dialog = view.dialogs.get(dialog_id)
        before = response_of(dialog) if dialog is not None else None
        return Step(
            Reclassified(dialog_id, classification, before),
            lambda rest, rid: outbound.reclassify(rest, dialog_id, classification, extension, request_id=rid),
            dialog_id,
            "RECLASSIFY",
        )

    return Action("RECLASSIFY", dialog_id, plan, operation="outbound.reclassify")


@normalized
def schedule_callback(dialog_id: str, time: str | None = None, number: str | None = None) -> Action:
    """Agree on a callback, or change one; the time is the customer's, to the minute."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        wanted = outbound.check_callback(time, number)
        return Step(
            CallbackIs(dialog_id, wanted.get("callbackTime"), wanted.get("callbackNumber")),
            lambda rest, rid: outbound.schedule_callback(
                rest, dialog_id, extension, time, number, request_id=rid
            ),
            dialog_id,
            "UPDATE_SCHEDULED_CALLBACK",
        )

    return Action("UPDATE_SCHEDULED_CALLBACK", dialog_id, plan, operation="outbound.schedule_callback")


@normalized
def cancel_callback(dialog_id: str) -> Action:
    """Take back a callback that was agreed."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        return Step(
            NoCallback(dialog_id),
            lambda rest, rid: outbound.cancel_callback(rest, dialog_id, extension, request_id=rid),
            dialog_id,
            "CANCEL_SCHEDULED_CALLBACK",
        )

    return Action("CANCEL_SCHEDULED_CALLBACK", dialog_id, plan, operation="outbound.cancel_callback")
