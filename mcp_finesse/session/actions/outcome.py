"""Outcomes of actions, and the ``Watch`` that determines an outcome.

``confirmed``: the object changed as requested. ``unchanged``: the object is in the requested state, but not
because of this request. ``failed``: Finesse rejected the request. ``unknown``: the result could not be
determined, although the state was read again. ``unreported``: Finesse never confirms this action, and no error
was reported. There is no status "accepted".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Dialog, Media, TeamMessage, Update, User
from mcp_finesse.session.actions.completion import Completion, Evaluation, View
from mcp_finesse.session.actions.evidence import Evidence, History, NeedsEvidence


class OutcomeStatus(StrEnum):
    """How an action ended."""

    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNREPORTED = "unreported"


class DifferenceInfo(BaseModel):
    """One value that differs from the request."""

    model_config = ConfigDict(frozen=True)
    field: str
    asked: str
    got: str


class ErrorInfo(BaseModel):
    """One error as Finesse reported it, with the text from the peripheral if there is one."""

    model_config = ConfigDict(frozen=True)
    type: str
    message: str = ""
    data: str = ""
    peripheral_code: str = ""
    peripheral_message: str = ""
    peripheral_text: str = ""

    @classmethod
    def of(cls, detail: ApiErrorDetail) -> Self:
        """Copy the fields that an outcome shows."""
        return cls(**{name: getattr(detail, name) for name in cls.model_fields})


class Outcome(BaseModel):
    """The final result of an action.

    Attributes:
        action: Finesse's name of the action, such as ``HOLD``.
        message: The result in one sentence.
        user: The agent's current state, for actions on the agent or on another agent.
        team_message: The team message, for actions on team messages.
        dialog: The current state of the phone call or task, or None if the dialog no longer exists.
        dialog_id: The dialog that the action concerned.
        media: The agent's current state on a nonvoice media, for actions on that media.
        differences: Values that differ from the request, such as a value that Finesse truncated.
        errors: The errors that Finesse reported, if it rejected the request.
        advice: What to do next.
        seconds: Duration from request to outcome.
    """

    model_config = ConfigDict(frozen=True)
    status: OutcomeStatus
    action: str
    message: str
    user: User | None = None
    team_message: TeamMessage | None = None
    dialog: Dialog | None = None
    dialog_id: str | None = None
    media: Media | None = None
    differences: tuple[DifferenceInfo, ...] = ()
    errors: tuple[ErrorInfo, ...] = ()
    advice: str = ""
    request_id: str = ""
    seconds: float = 0.0


class Watch:
    """Watches for the change that confirms an action, and for an error.

    Create the watch before the request is sent, because an event may arrive before the HTTP 202 response.

    Args:
        completion: The state change that confirms the action.
        view: The state that the completion evaluates.
        request_id: The request id, which identifies errors of the request. An event that carries the id proves
            nothing.
        source: REST path of the object. If an error about the object has no request id, the error belongs to
            the only outstanding action on the object.
        new_dialog: Whether the action creates a dialog. An error of such an action may name a dialog that is
            not known yet.
        together: Two events that are at most this many seconds apart count as one change.
        now: The monotonic clock, in seconds.

    Attributes:
        history: The newest reports since the watch was created.
        provisional: The evaluation to accept if no better evaluation follows.
        weak: The newest evaluation that needs supporting evidence. None if the newest evaluation is not weak.
        weak_since: When the state that ``weak`` describes was first seen.
        was_weak: Whether the state that ``weak`` describes existed when the watch was created.
        at_error: The evaluation of the state when the newest error arrived.
    """

    def __init__(
        self,
        completion: Completion,
        view: View,
        request_id: str,
        source: str,
        *,
        new_dialog: bool = False,
        together: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request_id = request_id
        self.errors: tuple[ApiErrorDetail, ...] = ()
        self.error_is_ours = False
        self.at_error: Evaluation | None = None
        self.provisional: Evaluation | None = None
        self.weak: Evaluation | None = None
        self.weak_since = 0.0
        at_first = completion.evaluate(view)
        self.was_weak = at_first is not None and at_first.weak
        before = {**view.dialogs, **view.tasks}
        self.history = History(request_id, view.extension, before, together)
        self._completion = completion
        self._view = view
        self._source = source.casefold()
        self._new_dialog = new_dialog
        self._evaluation: Evaluation | None = None
        self._now = now
        self._changed = asyncio.Event()

    def record_update(self, update: Update) -> None:
        """Record a notification. Call this for each notification before it changes the mirror."""
        self.history.add_update(update, self._now())
        self._wake_if_weak()

    def record_change(self, dialog_id: str) -> None:
        """Record that a phone call or task in the mirror has changed."""
        known = self._view.dialogs.get(dialog_id) or self._view.tasks.get(dialog_id)
        self.history.add_state(dialog_id, known, self._now())
        self._wake_if_weak()

    def _wake_if_weak(self) -> None:
        if self.weak is not None:
            self._changed.set()

    def evaluate_state(self, *_: Any) -> None:
        """Evaluate the state. Call this after every change of the mirror. After a final evaluation, do nothing."""
        if self._evaluation is not None:
            return
        evaluation = self._completion.evaluate(self._view)
        weak = evaluation if evaluation is not None and evaluation.weak else None
        if weak is not None and self.weak is None:
            self.weak_since = self._now()
            self._changed.set()
        self.weak = weak
        self.provisional = (
            evaluation if weak is None and evaluation is not None and evaluation.provisional else None
        )
        if evaluation is not None and not evaluation.weak and not evaluation.provisional:
            self._evaluation = evaluation
            self._changed.set()

    @property
    def evidence(self) -> Evidence:
        """The evidence so far for the weak state."""
        return (
            self._completion.evidence(self.history)
            if isinstance(self._completion, NeedsEvidence)
            else Evidence()
        )

    @property
    def evidence_of_others(self) -> Evidence:
        """The evidence for a request that Finesse rejected. The request id of notifications is ignored."""
        others = replace(self.history, request_id="")
        return (
            self._completion.evidence(others) if isinstance(self._completion, NeedsEvidence) else Evidence()
        )

    def record_errors(self, update: Update) -> None:
        """Process a notification that carries errors."""
        if update.request_id:
            if update.request_id != self.request_id:
                return
            self.error_is_ours = True
        elif not self._concerns(update.source) or self.errors:
            return
        self.errors = update.errors
        self.at_error = self._completion.evaluate(self._view)
        self._changed.set()

    def _concerns(self, source: str) -> bool:
        source = source.casefold()
        if source == self._source:
            return True
        # MAKE_CALL creates a dialog that is not known yet. An error of MAKE_CALL names an unknown dialog or the
        # agent's list of dialogs.
        dialog_id = source.rpartition("/")[2]
        return self._new_dialog and "/dialog" in source and dialog_id not in self._view.dialogs

    @property
    def decided(self) -> bool:
        """Whether the state proves a result, or an error has arrived."""
        return self._evaluation is not None or bool(self.errors)

    async def wait(self, seconds: float, *, weak_is_enough: bool = True) -> Evaluation | None:
        """Wait for a result and return the evaluation.

        Return None after an error, a timeout or, with ``weak_is_enough``, a weak state.
        """
        if not (self.decided or (self.weak and weak_is_enough)) and seconds > 0:
            self._changed.clear()
            timer = asyncio.get_running_loop().call_later(seconds, self._changed.set)
            try:
                await self._changed.wait()
            finally:
                timer.cancel()
        return self._evaluation

    def dismiss_errors(self) -> None:
        """Discard errors that belong to another client, and keep watching."""
        self.errors = ()
