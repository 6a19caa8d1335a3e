"""What became of an action: one of five answers, and the watch that finds out which.

``confirmed``: the object changed as asked. ``unchanged``: it already was so, nothing was sent. ``failed``: Finesse
said no. ``unknown``: it cannot be told; the state was read back. ``unreported``: Finesse never confirms this action,
and no error came. There is no "accepted".
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
from mcp_finesse.session.actions.evidence import Evidence, History, Weighed


class OutcomeStatus(StrEnum):
    """How an action ended."""

    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNREPORTED = "unreported"


class DifferenceInfo(BaseModel):
    """One value that is not what was asked for."""

    model_config = ConfigDict(frozen=True)
    field: str
    asked: str
    got: str


class ErrorInfo(BaseModel):
    """One error, in Finesse's own words, and in those of the peripheral where it has some."""

    model_config = ConfigDict(frozen=True)
    type: str
    message: str = ""
    data: str = ""
    peripheral_code: str = ""
    peripheral_message: str = ""
    peripheral_text: str = ""

    @classmethod
    def of(cls, detail: ApiErrorDetail) -> Self:
        """Copy what an outcome shows of an error."""
        return cls(**{name: getattr(detail, name) for name in cls.model_fields})


class Outcome(BaseModel):
    """The true end of an action.

    Attributes:
        action: the word of Finesse, such as ``HOLD``.
        message: one sentence.
        user: the agent as it now is, for actions on the agent, or on another one.
        team_message: the message, for actions on messages to teams.
        dialog: the call or task as it now is, or None when it is gone.
        dialog_id: the dialog that the action was about.
        media: the agent on the nonvoice media as it now is, for actions on it.
        differences: what is not as asked, for instance a value that Finesse cut.
        errors: what Finesse said, when it refused.
        advice: what to do next.
        seconds: from the call to the answer.
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
    """Looks for the change that proves an action, and listens for the error that disproves it.

    It is set up before the request is sent, because an event may overtake the 202.

    Args:
        goal: the change.
        view: the state.
        request_id: decides an error only; an event that carries it proves nothing.
        source: REST path of the object; an error without an id belongs to the one outstanding action on it.
        new_dialog: the action makes a dialog, so an error may name one that nobody knows.
        together: seconds within which two events count as one change.
        now: monotonic seconds.

    Attributes:
        history: everything seen since the watch was set up.
        provisional: the verdict that is accepted if nothing better comes.
        weak: the newest verdict that needs supporting evidence, while the state lasts.
        weak_since: when that state was first seen.
        was_weak: that state was there when the watch was set up.
        at_error: what the state proved when the newest error was heard.
    """

    def __init__(
        self,
        goal: Completion,
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
        at_first = goal.verdict(view)
        self.was_weak = at_first is not None and at_first.weak
        before = {**view.dialogs, **view.tasks}
        self.history = History(request_id, view.extension, before, together)
        self._goal = goal
        self._view = view
        self._source = source.casefold()
        self._new_dialog = new_dialog
        self._verdict: Evaluation | None = None
        self._now = now
        self._news = asyncio.Event()

    def see(self, update: Update) -> None:
        """Called with every notification, before it changes the mirror."""
        self.history.add_update(update, self._now())
        self._news_while_weak()

    def note(self, dialog_id: str) -> None:
        """Called when a call or task in the mirror has changed."""
        known = self._view.dialogs.get(dialog_id) or self._view.tasks.get(dialog_id)
        self.history.add_state(dialog_id, known, self._now())
        self._news_while_weak()

    def _news_while_weak(self) -> None:
        if self.weak is not None:
            self._news.set()

    def look(self, *_: Any) -> None:
        """Called after every change of the mirror. A verdict once reached stays, unless provisional or weak."""
        if self._verdict is not None:
            return
        verdict = self._goal.verdict(self._view)
        weak = verdict if verdict is not None and verdict.weak else None
        if weak is not None and self.weak is None:
            self.weak_since = self._now()
            self._news.set()
        self.weak = weak
        self.provisional = verdict if weak is None and verdict is not None and verdict.provisional else None
        if verdict is not None and not verdict.weak and not verdict.provisional:
            self._verdict = verdict
            self._news.set()

    @property
    def evidence(self) -> Evidence:
        """What was seen so far says about the weak state."""
        return self._goal.evidence(self.history) if isinstance(self._goal, Weighed) else Evidence()

    @property
    def evidence_of_others(self) -> Evidence:
        """The same when Finesse rejected the request: its id on a notification is no evidence then."""
        others = replace(self.history, request_id="")
        return self._goal.evidence(others) if isinstance(self._goal, Weighed) else Evidence()

    def hear(self, update: Update) -> None:
        """Called with every notification that carries errors."""
        if update.request_id:
            if update.request_id != self.request_id:
                return
            self.error_is_ours = True
        elif not self._concerns(update.source) or self.errors:
            return
        self.errors = update.errors
        self.at_error = self._goal.verdict(self._view)
        self._news.set()

    def _concerns(self, source: str) -> bool:
        source = source.casefold()
        if source == self._source:
            return True
        # MAKE_CALL has no dialog yet: its error names one that is not ours, or the agent's own list.
        dialog_id = source.rpartition("/")[2]
        return self._new_dialog and "/dialog" in source and dialog_id not in self._view.dialogs

    @property
    def decided(self) -> bool:
        """Whether the object proves something, or an error was heard."""
        return self._verdict is not None or bool(self.errors)

    async def wait(self, seconds: float, *, weak_is_enough: bool = True) -> Evaluation | None:
        """The verdict, or None when an error was heard, the time is over, or (if enough) a weak state was reached."""
        if not (self.decided or (self.weak and weak_is_enough)) and seconds > 0:
            self._news.clear()
            timer = asyncio.get_running_loop().call_later(seconds, self._news.set)
            try:
                await self._news.wait()
            finally:
                timer.cancel()
        return self._verdict

    def dismiss_errors(self) -> None:
        """The errors heard belong to somebody else; listen on."""
        self.errors = ()
