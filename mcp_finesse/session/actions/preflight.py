"""Preflight checks: plans an action from the current state, and rejects what cannot succeed before it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mcp_finesse.errors import InvalidRequestError, NotReadyError, RefusedError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, DialogState, own_participant
from mcp_finesse.rest.preconditions import refuse_by_platform, refuse_by_role
from mcp_finesse.session.actions import Action, Step
from mcp_finesse.session.actions.completion import Evaluation
from mcp_finesse.session.actions.possible_actions import possible_actions
from mcp_finesse.session.actions.tasks import is_interrupted, task_actions
from mcp_finesse.session.actions.unconfirmed_calls import UnconfirmedCalls
from mcp_finesse.session.state.mirror import Mirror

Reread = Callable[[str], Awaitable[None]]


class Preflight:
    """Plans actions.

    Args:
        mirror: The state.
        reread: Reads ``user``, ``dialogs``, ``tasks``, ``team:ID`` or ``messages:ID`` again.
        look: Maximum seconds for a read.
        unknown_calls: Calls that must not be repeated yet.
    """

    def __init__(self, mirror: Mirror, reread: Reread, look: float, unknown_calls: UnconfirmedCalls) -> None:
        self._mirror = mirror
        self._reread = reread
        self._look = look
        self._unknown_calls = unknown_calls

    async def plan(self, action: Action) -> tuple[Step, Evaluation | None]:
        """Return the step, and the evaluation if the requested state is already in effect and nothing needs to be sent.

        If the request looks impossible or already done, the state is read again before that is concluded.

        Raises:
            InvalidRequestError: The request cannot succeed.
            FinesseError: The second read failed.
        """
        self._refuse_what_is_not_for_us(action)
        if action.look_first:
            await self._look_first(action)
        try:
            step = action.plan(self._mirror)
            already = self._check(action, step)
            doubtful = already is not None
        except InvalidRequestError:
            doubtful = True
        if doubtful:
            await self.look_again(action)
            step = action.plan(self._mirror)
            already = self._check(action, step)
        if step.call_to is not None:
            await self._unknown_calls.check(step.call_to, self._mirror, lambda: self.look_again(action))
        return step, already

    async def _look_first(self, action: Action) -> None:
        try:
            await self.look_again(action)
        except RefusedError as refusal:
            if refusal.status >= 500:
                raise
            # The list does not exist in this release, or not for this user: let Finesse decide on the request itself.

    def _refuse_what_is_not_for_us(self, action: Action) -> None:
        if action.operation:
            user = self._mirror.user
            refuse_by_platform(action.operation, self._mirror.platform)
            refuse_by_role(action.operation, user.roles if user is not None else None)

    async def look_again(self, action: Action) -> None:
        """Read the object of the action again, within a time limit."""
        try:
            async with asyncio.timeout(self._look):
                await self._reread(action.what_to_read)
        except TimeoutError:
            raise NotReadyError(
                f"{action.name} was not sent: Finesse did not return the current state in time.",
                advice="Check get_session_status, then try again.",
            ) from None

    def _check(self, action: Action, step: Step) -> Evaluation | None:
        """Return the evaluation if nothing needs to be sent. Reject what cannot succeed (guide p.84)."""
        if step.dialog_id is None:
            return _done(step.goal.verdict(self._mirror))
        here = self._mirror.tasks if step.task else self._mirror.dialogs
        what = "task" if step.task else "call"
        dialog = here.get(step.dialog_id)
        if dialog is None:
            raise InvalidRequestError(
                f"The agent has no {what} {step.dialog_id}. Nothing was sent.",
                advice=f"Current {what}s: {', '.join(here) or 'none'}.",
            )
        if (already := _done(step.goal.verdict(self._mirror))) is not None:
            return already
        state, allowed = _tasks_side(self._mirror, dialog) if step.task else _calls_side(self._mirror, dialog)
        if step.requires is not None and step.requires not in allowed:
            raise InvalidRequestError(
                f"{action.name} is not allowed on {what} {step.dialog_id} now (state {state}). Nothing was sent.",
                advice=f"Allowed now: {', '.join(_possible(self._mirror, dialog, allowed)) or 'nothing'}. "
                f"{_needs(step.requires)}".rstrip(),
            )
        return None


def _calls_side(mirror: Mirror, call: Dialog) -> tuple[str, list[str]]:
    """Return the agent's state on a call, as text, and the allowed actions."""
    participant = own_participant(call, mirror.extension)
    return (str(participant.state), participant.actions) if participant else ("not a participant", [])


def _possible(mirror: Mirror, dialog: Dialog, allowed: list[str]) -> list[str]:
    """Return the allowed actions without those that another call of the agent prevents."""
    if dialog.id not in mirror.dialogs:
        return allowed
    return [str(each) for each in possible_actions(dialog, mirror.dialogs, mirror.extension)]


def _tasks_side(mirror: Mirror, task: Dialog) -> tuple[str, list[str]]:
    """Return the state of a task, as text, and the allowed actions.

    The actions of an UNKNOWN task are not documented. If Finesse lists none, allow all and let Finesse decide.
    """
    if is_interrupted(mirror, task):
        return "INTERRUPTED", []
    allowed = task_actions(mirror, task)
    unlisted = task.state == DialogState.UNKNOWN and not allowed
    return str(task.state), list(CallAction) if unlisted else allowed


def _needs(action: str) -> str:
    """Return what Finesse requires for an action, as a sentence; empty for an unknown action."""
    rule = ACTION_RULES.get(CallAction(action)) if action in set(CallAction) else None
    return f"{action} requires: {rule.needs}." if rule is not None else ""


def _done(verdict: Evaluation | None) -> Evaluation | None:
    return verdict if verdict is not None and is_proved(verdict) else None


def is_proved(verdict: Evaluation) -> bool:
    """Return whether the state alone proves the requested result, whether or not a request was sent."""
    return not (verdict.failed or verdict.provisional or verdict.weak)
