"""Actions for outbound campaigns: the requests, and the state changes that confirm them."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Dialog, own_participant
from mcp_finesse.redaction import truncated
from mcp_finesse.rest.api import outbound
from mcp_finesse.session.actions.action import Action, PreparedRequest, action, own_extension
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Weak, is_gone

# -- completions

RESPONSE = "BAResponse"
"""The call variable that shows a classification. No other field shows it (guide p.111)."""

_ENDED = "the call ended before Finesse showed the change"
_MINUTES = len("2030-05-01T14:30")


@dataclass(frozen=True, slots=True)
class PreviewAccepted:
    """The completion of accepting a preview: the preview was accepted, or the customer is already being called."""

    dialog_id: str
    before: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the preview is accepted or an outbound call exists. A removed preview may have timed out."""
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
    """The completion of rejecting a preview: the preview is no longer shown to the agent."""

    dialog_id: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the preview is no longer in the agent's list."""
        participant = own_participant(view.dialogs.get(self.dialog_id), view.extension)
        gone = self.dialog_id not in view.dialogs or (
            participant is not None and participant.state == "DROPPED"
        )
        return Evaluation(self.dialog_id) if gone else None


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The completion of a reclassification: the phone call has the requested classification."""

    dialog_id: str
    classification: str
    before: str | None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the classification matches. A change to another value needs evidence."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        differences = self.differences(dialog)
        if differences and response_of(dialog) in (None, self.before):
            return None
        return Evaluation(self.dialog_id, differences, weak=bool(differences))

    def evidence(self, history: History) -> Evidence:
        """Attribute another classification to the request if a notification with the request id reported it."""
        if is_gone(history, self.dialog_id):
            return Evidence(otherwise=_ENDED, contradicted=True)
        supported = EventCarriesRequestId((self.dialog_id,)).seen_in(history)
        return Evidence(supported, otherwise="the call has a different classification")

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Return a difference if the classification is not the requested one."""
        response = response_of(dialog) or ""
        same = response.upper() == self.classification.upper()
        return () if same else (Difference(RESPONSE, self.classification, response),)


@dataclass(frozen=True, slots=True)
class CallbackScheduled:
    """The completion of scheduling: the phone call has a callback with the requested time and number."""

    dialog_id: str
    time: str | None = None
    number: str | None = None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the dialog shows the requested values. Values that were not requested are ignored."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        return None if self.differences(dialog) else Evaluation(self.dialog_id)

    def evidence(self, _: History) -> Evidence:
        """Return no support. A callback outlives the call, so the end of the call proves nothing."""
        return Evidence(otherwise=_ENDED, contradicted=True)

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Return the differences in time and number. Seconds and time zone are ignored."""
        held = dialog.scheduled_callback
        time = truncated((held.callback_time if held is not None else None) or "", _MINUTES)
        number = (held.callback_number if held is not None else None) or ""
        pairs = (("callbackTime", self.time, time), ("callbackNumber", self.number, number))
        return tuple(Difference(name, asked, got) for name, asked, got in pairs if asked not in (None, got))


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    """The completion of cancelling: the phone call has no scheduled callback."""

    dialog_id: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the dialog shows no scheduled callback."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        held = dialog.scheduled_callback
        none = held is None or not (held.callback_time or held.callback_number)
        return Evaluation(self.dialog_id) if none else None

    def evidence(self, _: History) -> Evidence:
        """Return no support. A callback outlives the call, so the end of the call proves nothing."""
        return Evidence(otherwise=_ENDED, contradicted=True)


def response_of(dialog: Dialog) -> str | None:
    """Return the classification of a campaign call, or None."""
    media = dialog.media_properties
    return media.variable(RESPONSE) if media is not None else None


def _is_outbound(dialog: Dialog) -> bool:
    media = dialog.media_properties
    return media is not None and (media.call_type or "").upper() == "OUTBOUND"


# -- actions


@action(outbound.answer_preview)
def answer_preview(dialog_id: str, answer: str) -> Action:
    """Respond to a preview: ACCEPT calls the customer, REJECT skips the contact, CLOSE ends all attempts."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        completion: Completion = Weak(PreviewGone(dialog_id), (), "the preview is gone", unreported=True)
        if answer == "ACCEPT":
            completion = PreviewAccepted(dialog_id, frozenset(view.dialogs))
        return PreparedRequest(
            completion,
            lambda rest, rid: outbound.answer_preview(rest, dialog_id, answer, extension, request_id=rid),
            dialog_id,
            answer,
        )

    operation = outbound.PREVIEW_ANSWERS.get(answer)
    return Action(answer, dialog_id, prepare, call_control=True, operation=operation)


@action(outbound.reclassify)
def reclassify_call(dialog_id: str, classification: str) -> Action:
    """Change the classification of a direct preview call, which says who or what answered the phone call."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        dialog = view.dialogs.get(dialog_id)
        before = response_of(dialog) if dialog is not None else None
        return PreparedRequest(
            Reclassified(dialog_id, classification, before),
            lambda rest, rid: outbound.reclassify(rest, dialog_id, classification, extension, request_id=rid),
            dialog_id,
            "RECLASSIFY",
        )

    return Action("RECLASSIFY", dialog_id, prepare)


@action(outbound.schedule_callback)
def schedule_callback(dialog_id: str, time: str | None = None, number: str | None = None) -> Action:
    """Schedule or change a callback. ``time`` is in the customer's time zone, without seconds."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        wanted = outbound.check_callback(time, number)
        return PreparedRequest(
            CallbackScheduled(dialog_id, wanted.get("callbackTime"), wanted.get("callbackNumber")),
            lambda rest, rid: outbound.schedule_callback(
                rest, dialog_id, extension, time, number, request_id=rid
            ),
            dialog_id,
            "UPDATE_SCHEDULED_CALLBACK",
        )

    return Action("UPDATE_SCHEDULED_CALLBACK", dialog_id, prepare)


@action(outbound.cancel_callback)
def cancel_callback(dialog_id: str) -> Action:
    """Cancel a scheduled callback."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        return PreparedRequest(
            CallbackCancelled(dialog_id),
            lambda rest, rid: outbound.cancel_callback(rest, dialog_id, extension, request_id=rid),
            dialog_id,
            "CANCEL_SCHEDULED_CALLBACK",
        )

    return Action("CANCEL_SCHEDULED_CALLBACK", dialog_id, prepare)
