"""Builds the outcome of an action, with its message, from how the action ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Dialog, Media, TeamMessage, User, advice_for, media_meaning_of
from mcp_finesse.privacy import describe_details
from mcp_finesse.session.actions.action import Action, PreparedRequest
from mcp_finesse.session.actions.completion import ComparesDialog, ComparesState, Difference, Evaluation
from mcp_finesse.session.actions.evidence import Evidence
from mcp_finesse.session.actions.outcome import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus, Watch
from mcp_finesse.session.state.mirror import Mirror

_RESULTS = {
    "LOGIN": "Signed in",
    "LOGOUT": "Signed out",
    "MAKE_CALL": "The number was dialed",
    "ANSWER": "The call was answered",
    "HOLD": "The call is on hold",
    "RETRIEVE": "The held call was resumed",
    "DROP": "The agent left the call",
    "CONSULT_CALL": "The call is on hold, and the colleague was dialed",
    "TRANSFER": "The call was transferred",
    "TRANSFER_SST": "The call was transferred",
    "CONFERENCE": "The calls were joined in a conference",
    "UPDATE_CALL_DATA": "The call data was stored",
    "ACCEPT": "The offer was accepted",
    "START": "The task was started",
    "PAUSE": "The task was paused",
    "RESUME": "The task was resumed",
    "WRAP_UP": "The task is in wrap-up",
    "CLOSE": "The task was closed",
    "RECLASSIFY": "The call was reclassified",
    "UPDATE_SCHEDULED_CALLBACK": "The callback was scheduled",
    "CANCEL_SCHEDULED_CALLBACK": "The callback was cancelled",
    "SILENT_MONITOR": "The call is being monitored",
    "BARGE_CALL": "The supervisor joined the call",
    "PARTICIPANT_DROP": "The participant was removed from the call",
    "TEAM_MESSAGE": "The message is shown to the team",
    "DELETE_TEAM_MESSAGE": "The message was deleted",
}
"""What each action did if it succeeded, by action name. Any other action has the name of the requested state."""


@dataclass(slots=True)
class Run:
    """One running action.

    Attributes:
        started: When the action was requested, in monotonic seconds.
        deadline: When the outcome must be returned, in monotonic seconds.
        accepted: Whether Finesse responded with a 2xx status.
        lost: The reason why it is unknown whether Finesse accepted the request, or an empty string.
        rejected_before_execution: Whether Finesse rejected the request because Finesse is out of service.
    """

    action: Action
    prepared: PreparedRequest
    watch: Watch
    started: float
    deadline: float
    accepted: bool = False
    lost: str = ""
    rejected_before_execution: bool = False


class OutcomeBuilder:
    """Builds outcomes.

    Args:
        mirror: The state that an outcome shows.
        now: The monotonic clock, in seconds.
    """

    def __init__(self, mirror: Mirror, now: Callable[[], float]) -> None:
        self._mirror = mirror
        self._now = now

    def unchanged(self, run: Run, evaluation: Evaluation) -> Outcome:
        """Return the outcome if the requested state was already in effect and nothing was sent."""
        text = f"Already in that state. No request was sent. {evaluation.note}".rstrip()
        return self._outcome(run, OutcomeStatus.UNCHANGED, text, evaluation)

    def already(self, run: Run, details: Iterable[ApiErrorDetail], evaluation: Evaluation) -> Outcome:
        """Return the outcome if Finesse correctly reported that the requested state was already in effect."""
        status = OutcomeStatus.CONFIRMED if run.prepared.already_changes else OutcomeStatus.UNCHANGED
        outcome = self._outcome(run, status, run.prepared.already_text, evaluation)
        return outcome.model_copy(update={"errors": _error_infos(details)})

    def rejected_as_already(
        self, run: Run, details: Iterable[ApiErrorDetail], evaluation: Evaluation, *, was_so: bool
    ) -> Outcome:
        """Return the outcome if Finesse rejected the request, but the requested result is in effect.

        Args:
            run: The action.
            details: The errors of Finesse.
            evaluation: The evaluation of the state.
            was_so: Whether the result was already in effect when the error arrived. A result that was already
                in effect explains the rejection.
        """
        text = "Now in that state, but not because of this request, which Finesse rejected."
        if was_so:
            text = "Already in that state. Finesse rejected the request for that reason."
        outcome = self._outcome(
            run, OutcomeStatus.UNCHANGED, f"{text} {evaluation.note}".rstrip(), evaluation
        )
        return outcome.model_copy(update={"errors": _error_infos(details)})

    def unreported(self, run: Run, what: str = "") -> Outcome:
        """Return the outcome if no error was reported and Finesse never confirms the action."""
        text = what or "Finesse never confirms this action. No error arrived."
        return self._outcome(run, OutcomeStatus.UNREPORTED, text, None)

    def decided_by_evidence(
        self, run: Run, weak: Evaluation, evidence: Evidence, *, window_passed: bool
    ) -> Outcome:
        """Return the outcome if the current state can also occur after a failed request. The evidence decides.

        Args:
            run: The action.
            weak: The evaluation of the current state.
            evidence: What the reports since the request show about the cause of the current state.
            window_passed: Whether the error window has passed without an error.
        """
        if evidence.failed:
            return self.from_evaluation(run, replace(weak, failed=evidence.failed))
        if evidence.supported and window_passed:
            note = " ".join(filter(None, (weak.note, evidence.limits)))
            return self.from_evaluation(run, replace(weak, note=note))
        if evidence.unreported and run.accepted and window_passed:
            what = evidence.otherwise[:1].upper() + evidence.otherwise[1:]
            end = "" if "Finesse does not" in what else " Finesse does not report the cause."
            return self.unreported(run, f"Accepted. {what}.{end}")
        return self.unknown(run, evidence.otherwise or "there was no time left to wait for an error")

    def from_evaluation(self, run: Run, evaluation: Evaluation) -> Outcome:
        """Return the outcome that follows from the evaluation of the state."""
        if evaluation.failed:
            return self._outcome(run, OutcomeStatus.FAILED, evaluation.failed, evaluation)
        if evaluation.unreadable and not run.accepted:
            return self.unknown(run, f"not every requested value can be read. {evaluation.note}".rstrip("."))
        result = "" if evaluation.pending else _result_of(run.action)
        if evaluation.differences:
            result += ", but some values differ from the request"
        text = " ".join(filter(None, (result and f"{result}.", evaluation.note)))
        return self._outcome(run, OutcomeStatus.CONFIRMED, text, evaluation)

    def not_read_back(self, run: Run, reason: str) -> Outcome:
        """Return the outcome if Finesse reported success but the object could not be read for ``reason``."""
        return self._outcome(run, OutcomeStatus.UNREPORTED, f"Accepted, but {reason}", None)

    def failed(
        self, run: Run, details: Iterable[ApiErrorDetail], advice: str = "", text: str = ""
    ) -> Outcome:
        """Return the outcome of a request that Finesse rejected in an HTTP response or a notification."""
        details = tuple(details)
        said = describe_details(details) or text
        meaning = media_meaning_of(details)
        text = f"Finesse rejected {run.action.name}: {f'{meaning} ({said})' if meaning else said}"
        outcome = self._outcome(run, OutcomeStatus.FAILED, text, None)
        update = {"errors": _error_infos(details), "advice": advice or advice_for(details)}
        return outcome.model_copy(update=update)

    def unknown(self, run: Run, reason: str) -> Outcome:
        """Return the outcome if the result could not be determined. The outcome shows the state that was read."""
        reached = "was accepted" if run.accepted else "may have reached Finesse"
        reached += f" ({run.lost})" if run.lost else ""
        why = reason or (
            "neither the expected change nor an error arrived, and the state read back does not show "
            "the change"
        )
        text = f"{run.action.name} {reached}, but {why}."
        outcome = self._outcome(run, OutcomeStatus.UNKNOWN, text, None)
        advice = "Check the state before you repeat the action."
        return outcome.model_copy(update={"advice": advice, "differences": self._remaining_differences(run)})

    def _remaining_differences(self, run: Run) -> tuple[DifferenceInfo, ...]:
        if isinstance(run.prepared.completion, ComparesState):
            return _difference_infos(run.prepared.completion.state_differences(self._mirror))
        dialog = self._mirror.dialogs.get(run.prepared.dialog_id or "")
        if dialog is None or not isinstance(run.prepared.completion, ComparesDialog):
            return ()
        return _difference_infos(run.prepared.completion.differences(dialog))

    def _outcome(self, run: Run, status: OutcomeStatus, text: str, evaluation: Evaluation | None) -> Outcome:
        shown = run.action.shown_object(self._mirror) if run.action.shown_object is not None else None
        if run.action.target == "user":
            shown = self._mirror.user
        dialog_id = (evaluation.dialog_id if evaluation is not None else None) or run.prepared.dialog_id
        return Outcome(
            status=status,
            action=run.action.name,
            message=text,
            user=shown if isinstance(shown, User) else None,
            team_message=shown if isinstance(shown, TeamMessage) else None,
            media=shown if isinstance(shown, Media) else None,
            dialog=self._dialog(dialog_id),
            dialog_id=dialog_id,
            differences=_difference_infos(evaluation.differences) if evaluation is not None else (),
            request_id=run.watch.request_id,
            seconds=round(self._now() - run.started, 3),
        )

    def _dialog(self, dialog_id: str | None) -> Dialog | None:
        """Return a call or a task by its id. A call and a task never have the same id."""
        known = self._mirror.dialogs.get(dialog_id or "")
        return known if known is not None else self._mirror.tasks.get(dialog_id or "")


def _result_of(action: Action) -> str:
    """Return a sentence, without its period, that states in the agent's terms what a successful action did."""
    if action.result:
        return action.result
    name, _, target = action.target.partition(" ")
    words = _RESULTS.get(action.name, f"State changed to {action.name}")
    return f"{words} ({name} {target})" if target and name in ("agent", "media") else words


def all_mean_already_in_effect(details: Iterable[ApiErrorDetail], already: frozenset[str]) -> bool:
    """Return whether each of the errors means that the requested state was already in effect."""
    return bool(already) and all(already & {each.type, each.message, each.data} for each in details)


def _error_infos(details: Iterable[ApiErrorDetail]) -> tuple[ErrorInfo, ...]:
    return tuple(map(ErrorInfo.of, details))


def _difference_infos(differences: Iterable[Difference]) -> tuple[DifferenceInfo, ...]:
    return tuple(DifferenceInfo(field=d.field, asked=d.asked, got=d.got) for d in differences)
