"""Evidence: reports of an object since a request was sent, and whether they prove that the request succeeded.

Some states can also occur after a failed request: the agent may have left the call because it was transferred, or
because the caller hung up. Such a state is weak. It confirms the action only if two conditions hold: there is
supporting evidence, and the error window has passed without an error for the request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from mcp_finesse.model import Dialog, Update
from mcp_finesse.session.actions.completion import Completion, Evaluation, View

_KEPT = 256


@dataclass(frozen=True, slots=True)
class Report:
    """One report of an object, in a notification or in a state that was read.

    Attributes:
        at: Monotonic time in seconds.
        object_id: The id of the object.
        dialog: The call or task, or None if the object is not a dialog or no longer exists.
        event: ``POST``, ``PUT`` or ``DELETE``; empty if the state was read.
        request_id: The request id of the notification, or an empty string.
    """

    at: float
    object_id: str
    dialog: Dialog | None = None
    event: str = ""
    request_id: str = ""


@dataclass(slots=True)
class History:
    """Everything seen since a request was sent, oldest first, including intermediate and late events.

    Attributes:
        request_id: The id of the request.
        extension: The agent's extension when the request was sent.
        before: The agent's calls and tasks when the request was sent.
        together: Seconds within which two events count as one change.
        reports: The reports. Only the newest ones are kept.
    """

    request_id: str = ""
    extension: str | None = None
    before: Mapping[str, Dialog] = field(default_factory=dict)
    together: float = 1.0
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def add_update(self, update: Update, at: float) -> None:
        """Record a notification about a call or task. One about another object must carry the request id."""
        if update.errors:
            return
        event, request_id = str(update.event).upper(), update.request_id or ""
        dialogs = [update.dialog] if update.dialog is not None else update.dialogs
        for dialog in dialogs:
            self.reports.append(Report(at, dialog.id, dialog, event, request_id))
        if not dialogs and request_id == self.request_id:
            self.reports.append(Report(at, update.object_id or "", None, event, request_id))

    def add_state(self, dialog_id: str, dialog: Dialog | None, at: float) -> None:
        """Record the current state of a call or task, unless the newest report already shows it."""
        newest = next((each for each in reversed(self.reports) if each.object_id == dialog_id), None)
        already_reported = newest is not None and (
            newest.event == "DELETE" if dialog is None else newest.dialog == dialog
        )
        if not already_reported:
            self.reports.append(Report(at, dialog_id, dialog))

    def of(self, *object_ids: str) -> list[Report]:
        """Return the reports of these objects, oldest first."""
        return [each for each in self.reports if each.object_id in object_ids]


class Support(Protocol):
    """An observation, made since the request was sent, that shows that the request caused a weak state."""

    @property
    def limits(self) -> str:
        """A sentence about what this evidence cannot exclude, or an empty string."""

    def seen_in(self, history: History) -> bool:
        """Return whether the history contains the observation."""


class Contradiction(Protocol):
    """An observation that shows that a weak state has another cause."""

    def seen_in(self, history: History) -> str:
        """Return the observation as the end of a sentence, or an empty string if it was not made."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a history shows about a weak state.

    Attributes:
        supported: Whether the request caused it.
        limits: A sentence about what the evidence cannot exclude.
        otherwise: What was observed, as the end of a sentence, for the message of a result other than
            ``confirmed``.
        contradicted: Whether another cause was seen, so that waiting longer for support is unnecessary.
        unreported: Whether the result without support is ``unreported``, because Finesse never reports more than
            this.
        immediate: Whether the evidence is sufficient without waiting for the error window.
        failed: A sentence, if the history proves that the action failed.
    """

    supported: bool = False
    limits: str = ""
    otherwise: str = ""
    contradicted: bool = False
    unreported: bool = False
    immediate: bool = False
    failed: str = ""

    @property
    def is_conclusive(self) -> bool:
        """Whether no further evidence is needed, only the end of the error window."""
        return self.supported or self.contradicted or self.unreported or bool(self.failed)


@runtime_checkable
class NeedsEvidence(Protocol):
    """A completion with weak states: its ``weak`` evaluations need evidence."""

    def evidence(self, history: History) -> Evidence:
        """Return what the history shows about the weak state."""


@dataclass(frozen=True, slots=True)
class Weak:
    """A completion whose states are all weak.

    Attributes:
        completion: The completion. Its ``failed`` evaluations are not weak.
        supported_by: If any one of these was seen, the state is proved.
        otherwise: What is observed if nothing supports the state, as the end of a sentence ("the call ended").
        contradicted_by: If any one of these was seen, the state proves nothing, even with support.
        unreported: Whether the result without support is ``unreported`` instead of ``unknown``.
    """

    completion: Completion
    supported_by: Sequence[Support]
    otherwise: str
    contradicted_by: Sequence[Contradiction] = ()
    unreported: bool = False

    def evaluate(self, view: View) -> Evaluation | None:
        """Return the evaluation of the wrapped completion, marked as weak."""
        evaluation = self.completion.evaluate(view)
        return evaluation if evaluation is None or evaluation.failed else replace(evaluation, weak=True)

    def evidence(self, history: History) -> Evidence:
        """Return the first contradiction that was seen, or else the first support."""
        against = first_non_empty(each.seen_in(history) for each in self.contradicted_by)
        if against:
            return Evidence(otherwise=against, contradicted=True, unreported=self.unreported)
        support = next((each for each in self.supported_by if each.seen_in(history)), None)
        if support is None:
            return Evidence(otherwise=self.otherwise, unreported=self.unreported)
        return Evidence(supported=True, limits=support.limits)


@dataclass(frozen=True, slots=True)
class EventCarriesRequestId:
    """A notification about one of these objects carried the request id. It may be an intermediate notification.

    The id shows that Finesse worked on the request. It proves no result (guide p.22), but supports a weak state.
    """

    object_ids: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether a notification with the id was seen."""
        own = history.request_id
        return bool(own) and any(each.request_id == own for each in history.of(*self.object_ids))


def is_gone(history: History, dialog_id: str) -> bool:
    """Return whether the newest report of a dialog shows that it no longer exists."""
    seen = history.of(dialog_id)
    return bool(seen) and (seen[-1].dialog is None or seen[-1].event == "DELETE")


def first_non_empty(texts: Iterable[str]) -> str:
    """Return the first text that is not empty, or an empty string."""
    return next(filter(None, texts), "")
