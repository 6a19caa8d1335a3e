"""What agents of outbound campaigns do with previews, and note on the customer's call (guide p.108 to 114)."""

from __future__ import annotations

from mcp_finesse.rest.api import outbound
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.completion.completion import Completion, View
from mcp_finesse.session.completion.evidence import Weak
from mcp_finesse.session.completion.outbound import (
    CallbackIs,
    NoCallback,
    PreviewAccepted,
    PreviewGone,
    Reclassified,
    response_of,
)


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
