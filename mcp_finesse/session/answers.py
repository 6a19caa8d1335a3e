"""From the end of an action to the sentence and the object that its caller gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Dialog, Media, TeamMessage, User, advice_for, media_meaning_of
from mcp_finesse.session.actions import Action, Step
from mcp_finesse.session.goals import Comparison, Difference, Verdict
from mcp_finesse.session.mirror import Mirror
from mcp_finesse.session.outcome import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus, Watch


@dataclass(slots=True)
class Run:
    """One action under way.

    Attributes:
        started: when it was asked for, monotonic seconds.
        deadline: when its caller must have an answer.
        accepted: Finesse answered 2xx.
    """

    action: Action
    step: Step
    watch: Watch
    started: float
    deadline: float
    accepted: bool = False


class Answers:
    """Makes outcomes of ends.

    Args:
        mirror: the state that an outcome shows.
        now: monotonic seconds.
    """

    def __init__(self, mirror: Mirror, now: Callable[[], float]) -> None:
        self._mirror = mirror
        self._now = now

    def unchanged(self, run: Run, verdict: Verdict) -> Outcome:
        """Nothing was to be done, and nothing was sent."""
        text = f"Already in that state. No request was sent. {verdict.note}".rstrip()
        return self._outcome(run, OutcomeStatus.UNCHANGED, text, verdict)

    def already(self, run: Run, details: Iterable[ApiErrorDetail]) -> Outcome:
        """It was sent, and Finesse says that it already was so."""
        verdict = run.step.goal.verdict(self._mirror)
        outcome = self._outcome(run, OutcomeStatus.UNCHANGED, run.step.already_text, verdict)
        return outcome.model_copy(update={"errors": _error_infos(details)})

    def unreported(self, run: Run) -> Outcome:
        """No error came; Finesse tells no more than that."""
        text = "Finesse never confirms this action; no error came."
        return self._outcome(run, OutcomeStatus.UNREPORTED, text, None)

    def proved(self, run: Run, verdict: Verdict) -> Outcome:
        """The object shows how it ended."""
        if verdict.failed:
            return self._outcome(run, OutcomeStatus.FAILED, verdict.failed, verdict)
        done = "done, but not all as asked" if verdict.differences else "done"
        text = f"{run.action.name}: {done}." + (f" {verdict.note}" if verdict.note else "")
        return self._outcome(run, OutcomeStatus.CONFIRMED, text, verdict)

    def answered(self, run: Run, trouble: str) -> Outcome:
        """Finesse answered that it is done; ``trouble`` says why the object could not be read back."""
        note = trouble[:1].upper() + trouble[1:] if trouble else "Reading it back did not show it."
        return self.proved(run, run.step.goal.verdict(self._mirror) or Verdict(note=note))

    def failed(
        self, run: Run, details: Iterable[ApiErrorDetail], advice: str = "", text: str = ""
    ) -> Outcome:
        """Finesse refused, in an answer or in a notification."""
        details = tuple(details)
        said = "; ".join(str(detail) for detail in details) or text
        meaning = media_meaning_of(details)
        text = f"Finesse refused {run.action.name}: {f'{meaning} ({said})' if meaning else said}"
        outcome = self._outcome(run, OutcomeStatus.FAILED, text, None)
        update = {"errors": _error_infos(details), "advice": advice or advice_for(details)}
        return outcome.model_copy(update=update)

    def unknown(self, run: Run, trouble: str) -> Outcome:
        """It cannot be told; the state is shown as it was read back."""
        reached = "was accepted" if run.accepted else "may have reached Finesse"
        why = (
            trouble
            or "neither the expected change nor an error came, and the state read back does not show it"
        )
        text = f"{run.action.name} {reached}, but {why}."
        outcome = self._outcome(run, OutcomeStatus.UNKNOWN, text, None)
        advice = "Check the state before you repeat it."
        return outcome.model_copy(update={"advice": advice, "differences": self._lacking(run)})

    def _lacking(self, run: Run) -> tuple[DifferenceInfo, ...]:
        dialog = self._mirror.dialogs.get(run.step.dialog_id or "")
        if dialog is None or not isinstance(run.step.goal, Comparison):
            return ()
        return _infos(run.step.goal.differences(dialog))

    def _outcome(self, run: Run, status: OutcomeStatus, text: str, verdict: Verdict | None) -> Outcome:
        shown = run.action.shows(self._mirror) if run.action.shows is not None else None
        if run.action.target == "user":
            shown = self._mirror.user
        dialog_id = (verdict.dialog_id if verdict is not None else None) or run.step.dialog_id
        return Outcome(
            status=status,
            action=run.action.name,
            message=text,
            user=shown if isinstance(shown, User) else None,
            team_message=shown if isinstance(shown, TeamMessage) else None,
            media=shown if isinstance(shown, Media) else None,
            dialog=self._dialog(dialog_id),
            dialog_id=dialog_id,
            differences=_infos(verdict.differences) if verdict is not None else (),
            request_id=run.watch.request_id,
            seconds=round(self._now() - run.started, 3),
        )

    def _dialog(self, dialog_id: str | None) -> Dialog | None:
        """A call or a task; their ids differ."""
        known = self._mirror.dialogs.get(dialog_id or "")
        return known if known is not None else self._mirror.tasks.get(dialog_id or "")


def says_already(details: Iterable[ApiErrorDetail], already: frozenset[str]) -> bool:
    """Whether all that Finesse said is that it already is so."""
    return bool(already) and all(already & {each.type, each.message, each.data} for each in details)


def _error_infos(details: Iterable[ApiErrorDetail]) -> tuple[ErrorInfo, ...]:
    return tuple(map(ErrorInfo.of, details))


def _infos(differences: Iterable[Difference]) -> tuple[DifferenceInfo, ...]:
    return tuple(DifferenceInfo(field=d.field, asked=d.asked, got=d.got) for d in differences)
