"""What tools with an effect share: be connected, find the call that is meant, act, report the outcome."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog
from mcp_finesse.server.present.advice import after_failure, other_calls, own_states
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.object_text import dialog_line
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.present.summaries import dialog_summary, own_participant
from mcp_finesse.session import FinesseSession, Outcome, OutcomeStatus
from mcp_finesse.session.actions import Action

__all__ = ["READY_SECONDS", "act_on_call", "perform"]


async def perform(
    session: FinesseSession,
    action: Action,
    *,
    hint: str = "",
    dialog_id: str | None = None,
    seconds: float | None = None,
) -> OutcomeResult:
    """Do an action and report its outcome, with advice from the state after it.

    Args:
        session: the agent's.
        action: what to do.
        hint: further advice for an outcome that is not a success.
        dialog_id: the call that the action is about.
        seconds: maximum time for the action; by default that of every action.
    """
    await session.ready(READY_SECONDS)
    before = own_states(session)
    outcome = await session.act(action, seconds)
    missed = outcome.status in (OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN)
    now = _next(session, outcome, dialog_id, before, missed)
    result = OutcomeResult.of(outcome, session.mirror.extension, f"{hint if missed else ''} {now}".strip())
    result.cursor = session.journal.cursor  # so that a wait for what follows misses nothing
    return result


async def act_on_call(
    session: FinesseSession,
    word: str,
    dialog_id: str | None,
    make: Callable[[str], Action],
    *,
    state: str | None = None,
    seconds: float | None = None,
) -> OutcomeResult:
    """Do an action on a call; without ``dialog_id`` on the only one that it fits.

    Args:
        session: the agent's.
        word: the action in Finesse's words, as it stands in a participant's allowed actions.
        dialog_id: the call, or None.
        make: makes the action from the call's id.
        state: prefer calls in which the agent is in this state.
        seconds: as for ``perform``.

    Raises:
        InvalidRequestError: the call is not clear; lists the calls.
    """
    await session.ready(READY_SECONDS)
    chosen = dialog_id or await _the_call(session, word, state)
    return await perform(session, make(chosen), dialog_id=chosen, seconds=seconds)


def _next(
    session: FinesseSession, outcome: Outcome, dialog_id: str | None, before: dict[str, str], missed: bool
) -> str:
    """What changed beside the action, and what the agent can do next."""
    told = other_calls(session, before, (dialog_id, outcome.dialog_id))
    if missed:
        told.append(after_failure(session, outcome.action, dialog_id))
    return " ".join(filter(None, told))


async def _the_call(session: FinesseSession, word: str, state: str | None) -> str:
    fitting = _fitting(session, word, state)
    if not fitting:
        # What looks impossible is looked at again: an event may not have come
        await session.refresh_dialogs()
        current = list(session.mirror.dialogs.values())
        # The only call there is: whether it already is as asked, the session knows better
        fitting = _fitting(session, word, state) or (current if len(current) == 1 else [])
    if len(fitting) == 1:
        return fitting[0].id
    raise _unclear(session, word, fitting)


def _fitting(session: FinesseSession, word: str, state: str | None) -> list[Dialog]:
    """The calls for which Finesse allows ``word`` now; those in ``state`` alone, if there are any."""
    fitting = [item for item in session.mirror.dialogs.values() if word in _allowed(session, item)]
    preferred = [
        item
        for item in fitting
        if (own := own_participant(item, session.mirror.extension)) is not None and own.state == state
    ]
    return preferred or fitting


def _unclear(session: FinesseSession, word: str, fitting: list[Dialog]) -> InvalidRequestError:
    current = list(session.mirror.dialogs.values())
    if not current:
        return InvalidRequestError(f"the agent has no call, so {word} is not possible. Nothing was sent.")
    what = f"{len(fitting)} calls allow {word} now" if fitting else f"no call allows {word} now"
    extension = session.mirror.extension
    listed = "\n".join(dialog_line(dialog_summary(item, extension)) for item in fitting or current)
    return InvalidRequestError(
        f"{what}. Nothing was sent.\n{listed}\n",
        advice="Give the dialog_id of one of them." if fitting else "",
    )


def _allowed(session: FinesseSession, dialog: Dialog) -> list[str]:
    own = own_participant(dialog, session.mirror.extension)
    return list(own.actions) if own is not None else []
