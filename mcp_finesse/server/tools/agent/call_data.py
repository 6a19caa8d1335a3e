"""Tools that write the call variables and the wrap-up reason of a phone call."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.arguments import VARIABLES, DialogId, Pairs, TextList
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.present.summaries import listed
from mcp_finesse.server.tools.call_targeting import READY_SECONDS, act_on_call
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions import call_data

_ACTION = "UPDATE_CALL_DATA"


async def update_call_data(
    session: FinesseSession, call_variables: Annotated[Pairs, VARIABLES], dialog_id: DialogId = None
) -> OutcomeResult:
    """Set call variables of a call.

    Use for data about the call; to set the wrap-up reason, use wrap_up_call. Requires UPDATE_CALL_DATA to
    be allowed. Returns status, dialog, and differences if Finesse stored other values.
    """
    if not call_variables:
        raise InvalidRequestError("`call_variables` is empty. Nothing was sent.")
    return await act_on_call(
        session, _ACTION, dialog_id, lambda id_: call_data.update_call_data(id_, call_variables)
    )


async def wrap_up_call(
    session: FinesseSession,
    reason: Annotated[
        TextList, Field(description="Label from get_codes; on UCCX, several labels are possible")
    ],
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Set the wrap-up reason during or after a call.

    Use after get_codes; for other data use update_call_data. Requires UPDATE_CALL_DATA to be allowed.
    Returns status and dialog.
    """
    await session.ready(READY_SECONDS)
    labels = [each.label for each in await session.wrap_up_reasons() if each.label]
    given = dict.fromkeys(reason)
    if not given:
        raise InvalidRequestError("`reason` is empty. Nothing was sent.")
    chosen = [_wrap_up_label(labels, each) for each in given]
    return await act_on_call(
        session, _ACTION, dialog_id, lambda id_: call_data.wrap_up_call(id_, *chosen), state="WRAP_UP"
    )


def _wrap_up_label(labels: list[str], given: str) -> str:
    """Return the wrap-up label with the spelling that is configured in Finesse."""
    for label in labels:
        if label.casefold() == given.strip().casefold():
            return label
    known = listed(labels) or "none are configured for this team"
    raise InvalidRequestError(
        f"No wrap-up reason is called {quoted(given)}. Nothing was sent.", advice=f"Wrap-up reasons: {known}."
    )
