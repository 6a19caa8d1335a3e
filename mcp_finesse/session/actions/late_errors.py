"""Errors that arrive after the result of their action was returned."""

from __future__ import annotations

from collections import OrderedDict, deque

from mcp_finesse.model import Update
from mcp_finesse.session.actions.outcome import Outcome, OutcomeStatus

_REMEMBERED = 256
_STATED_AT_ONCE = 5
_FINAL = frozenset({OutcomeStatus.FAILED, OutcomeStatus.UNCHANGED})


class LateErrors:
    """Matches late errors to their actions by request id, and adds them to the next result."""

    def __init__(self) -> None:
        self._returned: OrderedDict[str, str] = OrderedDict()
        self._unstated: deque[str] = deque(maxlen=_STATED_AT_ONCE)

    def remember(self, outcome: Outcome) -> None:
        """Remember a returned result that contained no error from Finesse."""
        if outcome.status in _FINAL:
            return
        where = f" on call {outcome.dialog_id}" if outcome.dialog_id else ""
        self._returned[outcome.request_id] = (
            f"{outcome.action}{where}, which was reported as {outcome.status}"
        )
        if len(self._returned) > _REMEMBERED:
            self._returned.popitem(last=False)

    def match(self, update: Update) -> str | None:
        """Return a sentence about a late error for the journal, or None if the error belongs to no returned result."""
        action = self._returned.pop(update.request_id or "", None)
        if action is None:
            return None
        text = f"Late error: Finesse later rejected {action}: {'; '.join(map(str, update.errors))}."
        self._unstated.append(text)
        return text

    def add_to(self, outcome: Outcome) -> Outcome:
        """Add to this result the late errors that no earlier result contained."""
        if not self._unstated:
            return outcome
        message = " ".join([outcome.message, *self._unstated])
        self._unstated.clear()
        return outcome.model_copy(update={"message": message})
