"""Executes actions. The steps are: queue, check, send once, wait for confirmation, read back, return the outcome.

All steps together end within ``timing.action`` seconds. A request is sent only once, with one exception: a
request that Finesse rejected with ``SERVER_OUT_OF_SERVICE`` may be resent, because it was not executed
(resilience rules).
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard

from mcp_finesse.errors import (
    ApiErrorDetail,
    CredentialsError,
    CredentialSourceError,
    FinesseError,
    NotReadyError,
    OutOfServiceError,
    RefusedError,
)
from mcp_finesse.model import Update
from mcp_finesse.rest.operation import ReportedBy
from mcp_finesse.rest.transmission import open_transmission, record_transmission
from mcp_finesse.session.actions.action import Action, PreparedRequest
from mcp_finesse.session.actions.completion import Evaluation
from mcp_finesse.session.actions.evidence import Evidence
from mcp_finesse.session.actions.late_errors import LateErrors
from mcp_finesse.session.actions.locks import KeyedLocks
from mcp_finesse.session.actions.outcome import Outcome, OutcomeStatus, Watch
from mcp_finesse.session.actions.outcome_builder import OutcomeBuilder, Run, all_mean_already_in_effect
from mcp_finesse.session.actions.preflight import Preflight, Reread, is_proved
from mcp_finesse.session.actions.sending import send_within
from mcp_finesse.session.actions.unconfirmed_calls import UnconfirmedCalls
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.state.mirror import Change, Mirror
from mcp_finesse.session.timing import Clock, SessionTiming

HoldFeed = Callable[[str], contextlib.AbstractAsyncContextManager[None]]
_SERVER_ERROR = 500
_ERROR_WITHOUT_ID = "Finesse reported an error that may belong to this request or to another client's request"
_ENDED_ALL_THE_SAME = "the agent left the call as if another client had transferred it"
_READ_BACK = "Confirmed by reading the state; no notification arrived."
_NO_ANSWER = "no response arrived, and Finesse never confirms this action"


class ActionExecutor:
    """Executes actions. Actions run one after another where Finesse requires it.

    Args:
        nodes: The nodes, which provide the REST client of the node in use.
        mirror: The session's copy of the state of Finesse.
        reread: A function that reads the agent, the dialogs or one dialog. The function raises ``FinesseError``
            if the read fails.
        on_node_error: A function that is called with each error response which concerns the node rather than
            the request.
        hold_feed: A function that keeps a feed subscribed while the action that the feed reports is running.
    """

    def __init__(
        self,
        nodes: Nodes,
        mirror: Mirror,
        timing: SessionTiming,
        clock: Clock,
        reread: Reread,
        on_node_error: Callable[[FinesseError], None],
        hold_feed: HoldFeed = lambda _: contextlib.nullcontext(),
    ) -> None:
        self._nodes = nodes
        self._mirror = mirror
        self._timing = timing
        self._clock = clock
        self._on_node_error = on_node_error
        self._hold_feed = hold_feed
        self._outcomes = OutcomeBuilder(mirror, clock.monotonic)
        self._locks = KeyedLocks()
        self._watches: list[Watch] = []
        self._unconfirmed_calls = UnconfirmedCalls(timing.repeat_call, clock.monotonic)
        self._late_errors = LateErrors()
        self._preflight = Preflight(mirror, reread, timing.read, self._unconfirmed_calls)
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._closed = False
        mirror.listen(self._on_state_change)

    def record_update(self, update: Update) -> None:
        """Record a notification as possible evidence. Call this before the notification changes the mirror."""
        for watch in tuple(self._watches):
            watch.record_update(update)

    def record_errors(self, update: Update) -> str | None:
        """Process errors. Return a sentence for the journal if the errors arrived after the result of their action."""
        for watch in tuple(self._watches):
            watch.record_errors(update)
        return self._late_errors.match(update)

    def _on_state_change(self, change: Change) -> None:
        for watch in tuple(self._watches):
            if change.kind in ("dialog", "task") and change.id is not None:
                watch.record_change(change.id)
            watch.evaluate_state()

    async def perform(self, action: Action, seconds: float | None = None) -> Outcome:
        """Execute an action and return its outcome within ``seconds``. The default is ``timing.action``.

        If the calling task is cancelled after the request was sent, the action still runs to its end. This
        prevents an overlap with the next action on the device. After such a cancellation, a request that
        Finesse rejected is not resent.

        Raises:
            FinesseError: The action was not executed, or the session was closed. If the session was closed, the
                message says whether the action may have been executed.
        """
        with record_transmission() as transmission:
            task = asyncio.create_task(
                self._perform(action, seconds or self._timing.action), name=f"action {action.name}"
            )
        self._tasks.add(task)
        task.add_done_callback(self._done)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if self._closed and not (caller is not None and caller.cancelling()):
                became = "Nothing was sent"
                if transmission.started:
                    executed = transmission.may_have_been_executed
                    became = "The action may have been executed" if executed else "The action was rejected"
                raise NotReadyError(f"The session was closed during {action.name}. {became}.") from None
            if not transmission.may_have_been_executed:
                task.cancel()
            raise

    def _done(self, task: asyncio.Task[Outcome]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def aclose(self) -> None:
        """Cancel running actions. Each caller of ``perform`` gets an error which says that the session was closed."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _perform(self, action: Action, seconds: float) -> Outcome:
        started = self._clock.monotonic()
        names = [f"object {action.target}"] + (["device"] if action.call_control else [])
        async with contextlib.AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(seconds * 0.6):
                    await turn.enter_async_context(self._locks.hold(names))
            except TimeoutError:
                raise NotReadyError(
                    f"{action.name} was not sent: an earlier action on the same call or device is still outstanding.",
                    advice="Check get_dialogs, then try again.",
                ) from None
            await turn.enter_async_context(self._hold_feed(action.feed))
            return await self._execute(action, started, started + seconds)

    async def _execute(self, action: Action, started: float, deadline: float) -> Outcome:
        prepared, already = await self._preflight.check(action)
        request_id = str(uuid.uuid4())
        new_dialog = prepared.new_dialog or prepared.call_to is not None
        watch = Watch(
            prepared.completion,
            self._mirror,
            request_id,
            self._source(action, prepared),
            new_dialog=new_dialog,
            together=self._timing.merge_window,
            now=self._clock.monotonic,
        )
        run = Run(action, prepared, watch, started, deadline)
        if already is not None:
            return self._late_errors.add_to(self._outcomes.unchanged(run, already))
        self._watches.append(watch)
        try:
            prepared.on_send()
            outcome = await self._send(run) or await self._await_outcome(run)
            if run.accepted and outcome.status in (OutcomeStatus.CONFIRMED, OutcomeStatus.UNREPORTED):
                prepared.on_accepted()
            self._late_errors.remember(outcome)
            return self._late_errors.add_to(outcome)
        finally:
            self._watches.remove(watch)

    def _source(self, action: Action, prepared: PreparedRequest) -> str:
        if prepared.source:
            return prepared.source
        user = f"/finesse/api/User/{self._mirror.user_id}"
        if prepared.dialog_id is not None:
            return f"/finesse/api/Dialog/{prepared.dialog_id}"
        return user if action.target == "user" else f"{user}/Dialogs"

    # -- sending

    async def _send(self, run: Run) -> Outcome | None:
        """Send once. Return the outcome if Finesse rejected the request immediately, else None."""
        while True:
            try:
                await self._send_before_deadline(run)
                return None
            except FinesseError as error:
                if isinstance(error, RefusedError | CredentialsError | CredentialSourceError):
                    self._on_node_error(error)
                if error.may_have_been_executed:
                    run.lost = error.message.rstrip(".")
                    return None  # the outcome follows from the state
                if isinstance(error, OutOfServiceError):
                    self._on_node_error(error)
                    run.rejected_before_execution = True
                    if (transmission := open_transmission()) is not None:
                        transmission.reject()
                    if (
                        self._seconds_left(run)
                        >= self._timing.rejected_before_execution + 2 * self._timing.event
                    ):
                        await self._clock.sleep(self._timing.rejected_before_execution)
                        if run.watch.decided:
                            return None  # another client already made the change
                        continue
                if isinstance(error, RefusedError):
                    return await self._outcome_of_immediate_rejection(run, error)
                if run.rejected_before_execution:
                    return self._outcomes.failed(run, (), error.advice, error.message)
                raise

    async def _outcome_of_immediate_rejection(self, run: Run, error: RefusedError) -> Outcome:
        """Return the outcome of a request that Finesse rejected before executing it.

        The status is ``unchanged`` if another client has already made the change. In any other case the status
        is ``failed``.
        """
        if error.details and error.status < _SERVER_ERROR:
            await self._read_back(run)
            if self._is_in_effect(evaluation := run.prepared.completion.evaluate(self._mirror), run):
                return self._outcomes.rejected_as_already(run, error.details, evaluation, was_so=True)
        return self._outcomes.failed(run, error.details, error.advice, error.message)

    async def _send_before_deadline(self, run: Run) -> None:
        """Send the request, and record that Finesse accepted it.

        Raises:
            FinesseError: Finesse rejected the request, or ``send_within`` raised an error.
        """
        await send_within(
            self._seconds_left(run) - self._timing.event,
            lambda: run.prepared.send(self._nodes.rest, run.watch.request_id),
            run.action.name,
            advice="Check get_session_status, then try again.",
        )
        run.accepted = True

    def _seconds_left(self, run: Run) -> float:
        """Return the number of seconds until the final read must begin."""
        return run.deadline - self._timing.read - self._clock.monotonic()

    # -- waiting for the outcome

    async def _await_outcome(self, run: Run) -> Outcome:
        if run.action.reported_by is ReportedBy.NOTHING:
            await run.watch.wait(self._timing.unreported_wait)
            if run.watch.errors and run.watch.error_is_ours:
                return self._outcomes.failed(run, run.watch.errors)
            if run.watch.errors:  # the state cannot show which client's request caused the error
                said = "; ".join(map(str, run.watch.errors))
                return self._unknown(run, f"{_ERROR_WITHOUT_ID}: {said}")
            return self._outcomes.unreported(run) if run.accepted else self._unknown(run, _NO_ANSWER)
        if (
            run.action.reported_by is ReportedBy.RESPONSE
            and run.accepted
            and (why_unread := await self._read_back(run))
        ):
            return self._outcomes.not_read_back(run, why_unread)
        patience = self._clock.monotonic() + min(self._timing.confirmation, self._seconds_left(run))
        pause = self._timing.event
        while True:
            evaluation = await run.watch.wait(min(pause, patience - self._clock.monotonic()))
            if run.watch.errors and (run.watch.error_is_ours or evaluation is None):
                return await self._outcome_after_error(run)
            if evaluation is not None:
                return self._outcomes.from_evaluation(run, evaluation)
            if (
                run.watch.weak is not None
                and (outcome := await self._decide_weak_state(run, patience)) is not None
            ):
                return outcome
            why_unread = await self._read_back(run)
            if (evaluation := await run.watch.wait(0.0)) is not None:
                return self._outcomes.from_evaluation(
                    run, replace(evaluation, note=evaluation.note or _READ_BACK)
                )
            if run.watch.provisional is not None:
                return self._outcomes.from_evaluation(run, run.watch.provisional)
            if self._clock.monotonic() >= patience and run.watch.weak is None:
                return self._unknown(run, why_unread)
            pause *= 2

    async def _decide_weak_state(self, run: Run, patience: float) -> Outcome | None:
        """Decide, after the error window, whether a weak state proves that the request succeeded.

        A weak state can also occur after a failed request. Without supporting evidence, wait for evidence until
        ``patience``. Return None if the weak state did not last.
        """
        watch, end_of_window = run.watch, run.watch.weak_since + self._timing.error_window
        have_read = False
        while watch.weak is not None:
            evidence = watch.evidence
            if evidence.immediate:
                return self._outcomes.from_evaluation(run, watch.weak)
            waits = not evidence.is_conclusive
            end = max(patience, end_of_window) if waits and have_read else end_of_window
            left = min(end, run.deadline - self._timing.read) - self._clock.monotonic()
            if left > 0:
                evaluation = await watch.wait(left, weak_is_enough=False)
                if watch.errors:
                    return await self._outcome_after_error(run)
                if evaluation is not None:
                    return self._outcomes.from_evaluation(run, evaluation)
            elif waits and not have_read:
                have_read = True
                await self._read_back(run)
            else:
                passed = self._clock.monotonic() >= end_of_window
                return self._outcomes.decided_by_evidence(run, watch.weak, evidence, window_passed=passed)
        return None

    async def _outcome_after_error(self, run: Run) -> Outcome:
        """Return the outcome after an error. An error without a request id may belong to another client."""
        watch, errors = run.watch, run.watch.errors
        if all_mean_already_in_effect(errors, run.prepared.already_errors):
            why_unread = await self._read_back(run)
            evaluation = run.prepared.completion.evaluate(self._mirror)
            if evaluation is not None and is_proved(evaluation):
                return self._outcomes.already(run, errors, evaluation)
            unreadable = (
                "Finesse reported that the requested state was already in effect, but the state read "
                "back does not show it"
            )
            return self._unknown(run, why_unread or unreadable)
        ours = watch.error_is_ours
        now = run.prepared.completion.evaluate(self._mirror)
        if now is None or not now.failed:
            # The object may still reach the requested state. If the error belongs to another client, this
            # request may succeed. If the error belongs to this request, an identical request of another client
            # may succeed and may have caused the rejection.
            watch.dismiss_errors()
            seconds = self._timing.unreported_wait if ours else self._timing.event
            await watch.wait(min(seconds, self._seconds_left(run)), weak_is_enough=False)
        await self._read_back(run)
        if watch.error_is_ours:
            return self._outcome_of_rejection(run, errors if ours else watch.errors or errors)
        evaluation = await watch.wait(0.0)
        if evaluation is not None and not evaluation.failed:
            return self._outcomes.from_evaluation(run, evaluation)
        if watch.weak is not None and (outcome := self._unknown_after_error(run, watch.evidence, errors)):
            return outcome
        return self._outcomes.failed(run, errors)

    def _outcome_of_rejection(self, run: Run, errors: Sequence[ApiErrorDetail]) -> Outcome:
        """Return the outcome of a rejected request. Another client may have caused the same result."""
        at_error = run.watch.at_error
        evaluation = run.prepared.completion.evaluate(self._mirror)
        if self._is_in_effect(evaluation, run):
            was_so = at_error is not None and (is_proved(at_error) or at_error.weak)
            return self._outcomes.rejected_as_already(run, errors, evaluation, was_so=was_so)
        unknown = None
        if (
            evaluation is not None
            and (evaluation.weak or evaluation.unreadable)
            and not evaluation.differences
        ):
            unknown = self._unknown_after_error(run, run.watch.evidence_of_others, errors)
        return unknown or self._outcomes.failed(run, errors)

    @staticmethod
    def _is_in_effect(evaluation: Evaluation | None, run: Run) -> TypeGuard[Evaluation]:
        """Return whether the requested result is in effect although Finesse rejected the request."""
        if evaluation is None or evaluation.differences:
            return False
        if not evaluation.weak:
            is_dialed = evaluation.provisional and run.prepared.call_to is not None
            return (is_proved(evaluation) or is_dialed) and not evaluation.unreadable
        evidence = run.watch.evidence_of_others
        return evidence.supported and not evidence.limits

    def _unknown_after_error(
        self, run: Run, evidence: Evidence, errors: Sequence[ApiErrorDetail]
    ) -> Outcome | None:
        """Return the outcome ``unknown`` if it is unclear whether this request or another client's succeeded.

        Return None if the state existed before the request, or if another cause of the state was seen.
        """
        said = "; ".join(map(str, errors))
        if evidence.contradicted or evidence.failed:
            return None
        if not run.watch.error_is_ours and evidence.supported:
            return self._unknown(run, f"{_ERROR_WITHOUT_ID}: {said}")
        if evidence.supported:
            return self._unknown(run, f"Finesse rejected the request ({said}), but {_ENDED_ALL_THE_SAME}")
        if run.watch.was_weak:
            return None
        return self._unknown(run, f"Finesse reported an error ({said}), and {evidence.otherwise}")

    def _unknown(self, run: Run, reason: str) -> Outcome:
        if run.prepared.call_to is not None:
            self._unconfirmed_calls.remember(run.prepared.call_to)
        return self._outcomes.unknown(run, reason)

    async def _read_back(self, run: Run) -> str:
        """Read the object again. Return an empty string, or the reason if the object could not be read."""
        try:
            await self._preflight.read_again(run.action)
        except FinesseError as error:
            return f"the state could not be read back: {error.message.rstrip('.')}"
        run.watch.evaluate_state()
        return ""
