"""Evidence that a request succeeded, taken from the reports of an object since the request was sent.

Some states can also occur after a failed request: the agent may have left the phone call because the transfer
succeeded, or because the caller hung up. Such a state is called weak. A weak state confirms the action only if
two conditions hold. There must be supporting evidence, and the error window must have passed without an error
for the request.
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
    """One report of an object, received in a notification or read through the REST API.

    Attributes:
        at: Monotonic time in seconds.
        object_id: The id of the object.
        dialog: The phone call or task. None if the object is not a dialog, or no longer exists.
        event: The event of the notification: ``POST``, ``PUT`` or ``DELETE``. Empty if the object was read.
        request_id: The request id of the notification, or an empty string.
    """

    at: float
    object_id: str
    dialog: Dialog | None = None
    event: str = ""
    request_id: str = ""


@dataclass(slots=True)
class History:
    """The newest reports since a request was sent, oldest first, including intermediate and late events.

    Attributes:
        request_id: The id of the request.
        extension: The agent's extension when the request was sent.
        before: The agent's calls and tasks when the request was sent.
        together: Two events that are at most this many seconds apart count as one change.
        reports: The reports. If there are more than ``_KEPT``, the oldest are dropped.
    """

    request_id: str = ""
    extension: str | None = None
    before: Mapping[str, Dialog] = field(default_factory=dict)
    together: float = 1.0
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def add_update(self, update: Update, at: float) -> None:
        """Record a notification about a dialog, or any other notification that carries the request id."""
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
        """Return the reports of the given objects, oldest first."""
        return [each for each in self.reports if each.object_id in object_ids]


class Support(Protocol):
    """An observation which shows that the request caused a weak state."""

    @property
    def limits(self) -> str:
        """A sentence about another cause that this evidence cannot exclude, or an empty string."""

    def seen_in(self, history: History) -> bool:
        """Return whether the history contains the observation."""


class Contradiction(Protocol):
    """An observation which shows that something other than the request caused a weak state."""

    def seen_in(self, history: History) -> str:
        """Return the observation as the end of a sentence, or an empty string if there was no such observation."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a history shows about a weak state.

    Attributes:
        supported: Whether the history shows that the request caused the weak state.
        limits: A sentence about another cause that the evidence cannot exclude, or an empty string.
        otherwise: What was observed, as the end of a sentence. Used in the message if the action is not
            confirmed.
        contradicted: Whether another cause was seen, so that waiting longer for support is unnecessary.
        unreported: Whether the result is ``unreported`` if nothing supports the state. True if Finesse never
            reports more than this state.
        immediate: Whether the evidence is sufficient without waiting for the error window.
        failed: If the history proves that the action failed, a sentence that says why.
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
        """Whether the evidence is sufficient, so that only the error window must still pass."""
        return self.supported or self.contradicted or self.unreported or bool(self.failed)


@runtime_checkable
class NeedsEvidence(Protocol):
    """A completion with weak states. An evaluation marked ``weak`` needs evidence."""

    def evidence(self, history: History) -> Evidence:
        """Return what the history shows about the weak state."""


@dataclass(frozen=True, slots=True)
class Weak:
    """A completion that marks each state as weak.

    Attributes:
        completion: The wrapped completion. Its ``failed`` evaluations are not marked as weak.
        supported_by: Observations, any one of which shows that the request caused the state.
        otherwise: The end of the message if no observation supports the state, such as "the call ended".
        contradicted_by: Observations, any one of which shows another cause of the state. A contradiction
            outweighs any support.
        unreported: Whether the result is ``unreported`` instead of ``unknown`` if nothing supports the state.
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
    """The observation that a notification about one of the given objects carried the request id.

    The request id shows that Finesse worked on the request. The notification may report an intermediate state
    (guide p.22), so the id alone proves no result, but it supports a weak state.
    """

    object_ids: tuple[str, ...]
    limits: str = ""

    def seen_in(self, history: History) -> bool:
        """Return whether the history contains a notification with the request id."""
        own = history.request_id
        return bool(own) and any(each.request_id == own for each in history.of(*self.object_ids))


def is_gone(history: History, dialog_id: str) -> bool:
    """Return whether the newest report of a dialog shows that it no longer exists."""
    seen = history.of(dialog_id)
    return bool(seen) and (seen[-1].dialog is None or seen[-1].event == "DELETE")


def first_non_empty(texts: Iterable[str]) -> str:
    """Return the first text that is not empty, or an empty string."""
    return next(filter(None, texts), "")
