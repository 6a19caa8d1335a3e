"""Tools that write data onto a call: call variables and the wrap-up reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments import DialogId, Text, Variables
from mcp_finesse.server.results import OutcomeResult
from mcp_finesse.server.summaries import listed
from mcp_finesse.server.tools.acting import READY_SECONDS, act_on_call
from mcp_finesse.session import FinesseSession, actions

_WORD = "UPDATE_CALL_DATA"


async def update_call_data(
    session: FinesseSession, call_variables: Variables, dialog_id: DialogId = None
) -> OutcomeResult:
    """Write call variables of a call.

    Use for data about it; wrap_up_call sets its wrap-up reason. Needs UPDATE_CALL_DATA allowed.
    Returns status, dialog, and differences where Finesse kept less.
    """
    if not call_variables:
        raise InvalidRequestError("call_variables is empty; nothing was sent.")
    return await act_on_call(
        session, _WORD, dialog_id, lambda id_: actions.update_call_data(id_, call_variables)
    )


async def wrap_up_call(
    session: FinesseSession,
    reason: Annotated[Text | list[Text], Field(description="Label, see get_codes; UCCX: or several")],
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Set the wrap-up reason of a call, during it or in wrap-up.

    Use after get_codes; update_call_data writes other data. Needs UPDATE_CALL_DATA allowed.
    Returns status and dialog.
    """
    await session.ready(READY_SECONDS)
    labels = [each.label for each in await session.wrap_up_reasons() if each.label]
    given = dict.fromkeys([reason] if isinstance(reason, str) else reason)
    if not given:
        raise InvalidRequestError("reason is empty; nothing was sent.")
    chosen = [_wrap_up_label(labels, each) for each in given]
    return await act_on_call(
        session, _WORD, dialog_id, lambda id_: actions.wrap_up_call(id_, *chosen), state="WRAP_UP"
    )


def _wrap_up_label(labels: list[str], given: str) -> str:
    """The label as Finesse has it."""
    for label in labels:
        if label.casefold() == given.strip().casefold():
            return label
    known = listed(labels) or "none are configured for this team"
    raise InvalidRequestError(
        f"no wrap-up reason is called {quoted(given)}; nothing was sent.", advice=f"Wrap-up reasons: {known}."
    )
