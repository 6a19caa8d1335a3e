"""Preflight checks: prepare a request from the current state, and reject a request that cannot succeed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mcp_finesse.errors import InvalidRequestError, NotReadyError, RefusedError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, DialogState, own_participant
from mcp_finesse.rest.preconditions import refuse_by_platform, refuse_by_role
from mcp_finesse.session.actions.action import Action, PreparedRequest
from mcp_finesse.session.actions.completion import Evaluation
from mcp_finesse.session.actions.possible_actions import possible_actions
from mcp_finesse.session.actions.tasks import is_interrupted, task_actions
from mcp_finesse.session.actions.unconfirmed_calls import UnconfirmedCalls
from mcp_finesse.session.state.mirror import Mirror

Reread = Callable[[str], Awaitable[None]]


class Preflight:
    """Prepares and checks requests.

    Args:
        mirror: The session's copy of the state of Finesse.
        reread: A function that reads ``user``, ``dialogs``, ``tasks``, ``team:ID`` or ``messages:ID`` again.
        look: Maximum seconds for a read.
        unconfirmed_calls: Phone calls with an unknown outcome, which must not be repeated yet.
    """

    def __init__(
        self, mirror: Mirror, reread: Reread, look: float, unconfirmed_calls: UnconfirmedCalls
    ) -> None:
        self._mirror = mirror
        self._reread = reread
        self._look = look
        self._unconfirmed_calls = unconfirmed_calls

    async def check(self, action: Action) -> tuple[PreparedRequest, Evaluation | None]:
        """Return the request, and an evaluation if the requested state is already in effect.

        If the requested state is already in effect, nothing is sent. If the request seems impossible or
        unnecessary, the state is read again before the decision.

        Raises:
            InvalidRequestError: The request cannot succeed.
            FinesseError: The second read failed.
        """
        self._check_platform_and_role(action)
        if action.read_first:
            await self._read_first(action)
        try:
            prepared = action.prepare(self._mirror)
            already = self._check_state(action, prepared)
            doubtful = already is not None
        except InvalidRequestError:
            doubtful = True
        if doubtful:
            await self.read_again(action)
            prepared = action.prepare(self._mirror)
            already = self._check_state(action, prepared)
        if prepared.call_to is not None:
            await self._unconfirmed_calls.check(
                prepared.call_to, self._mirror, lambda: self.read_again(action)
            )
        return prepared, already

    async def _read_first(self, action: Action) -> None:
        try:
            await self.read_again(action)
        except RefusedError as refusal:
            if refusal.status >= 500:
                raise
            # The list to be read does not exist in this release or for this user. Send the request and let
            # Finesse decide.

    def _check_platform_and_role(self, action: Action) -> None:
        if action.operation is not None:
            user = self._mirror.user
            refuse_by_platform(action.operation, self._mirror.platform)
            refuse_by_role(action.operation, user.roles if user is not None else None)

    async def read_again(self, action: Action) -> None:
        """Read the object of the action again, within a time limit."""
        try:
            async with asyncio.timeout(self._look):
                await self._reread(action.what_to_read)
        except TimeoutError:
            raise NotReadyError(
                f"{action.name} was not sent: Finesse did not return the current state in time.",
                advice="Check get_session_status, then try again.",
            ) from None

    def _check_state(self, action: Action, prepared: PreparedRequest) -> Evaluation | None:
        """Return an evaluation if no request is needed. Raise if the request cannot succeed (guide p.84)."""
        if prepared.dialog_id is None:
            return _done_without_request(prepared.completion.evaluate(self._mirror))
        here = self._mirror.tasks if prepared.task else self._mirror.dialogs
        what = "task" if prepared.task else "call"
        dialog = here.get(prepared.dialog_id)
        if dialog is None:
            raise InvalidRequestError(
                f"The agent has no {what} {prepared.dialog_id}. Nothing was sent.",
                advice=f"Current {what}s: {', '.join(here) or 'none'}.",
            )
        if (already := _done_without_request(prepared.completion.evaluate(self._mirror))) is not None:
            return already
        state, allowed = (
            _task_state(self._mirror, dialog) if prepared.task else _call_state(self._mirror, dialog)
        )
        if prepared.requires is not None and prepared.requires not in allowed:
            raise InvalidRequestError(
                f"{action.name} is not allowed on {what} {prepared.dialog_id} now (state {state}). Nothing was sent.",
                advice=f"Allowed now: {', '.join(_possible(self._mirror, dialog, allowed)) or 'nothing'}. "
                f"{_requirement_of(prepared.requires)}".rstrip(),
            )
        return None


def _call_state(mirror: Mirror, call: Dialog) -> tuple[str, list[str]]:
    """Return the agent's state on a phone call, as text, and the allowed actions."""
    participant = own_participant(call, mirror.extension)
    return (str(participant.state), participant.actions) if participant else ("not a participant", [])


def _possible(mirror: Mirror, dialog: Dialog, allowed: list[str]) -> list[str]:
    """Return the allowed actions that none of the agent's other phone calls makes impossible."""
    if dialog.id not in mirror.dialogs:
        return allowed
    return [str(each) for each in possible_actions(dialog, mirror.dialogs, mirror.extension)]


def _task_state(mirror: Mirror, task: Dialog) -> tuple[str, list[str]]:
    """Return the state of a task, as text, and the allowed actions.

    The actions of an UNKNOWN task are not documented. If Finesse lists none, allow all and let Finesse decide.
    """
    if is_interrupted(mirror, task):
        return "INTERRUPTED", []
    allowed = task_actions(mirror, task)
    unlisted = task.state == DialogState.UNKNOWN and not allowed
    return str(task.state), list(CallAction) if unlisted else allowed


def _requirement_of(action: str) -> str:
    """Return a sentence about what Finesse requires for an action, or an empty string for an unknown action."""
    rule = ACTION_RULES.get(CallAction(action)) if action in set(CallAction) else None
    return f"{action} requires: {rule.needs}." if rule is not None else ""


def _done_without_request(evaluation: Evaluation | None) -> Evaluation | None:
    return evaluation if evaluation is not None and is_proved(evaluation) else None


def is_proved(evaluation: Evaluation) -> bool:
    """Return whether the state alone proves that the requested result is in effect, even if no request was sent."""
    return not (evaluation.failed or evaluation.provisional or evaluation.weak)
