"""Every call action in every circumstance: no result claims more than the simulator's state."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.session import Outcome
from mcp_finesse.simulator.settings import RequestIds
from tests.session.matrix.bench import DELAY, Bench, bench
from tests.session.matrix.columns import ANSWERS_LOST, COLUMNS, Column
from tests.session.matrix.indistinguishable import INDISTINGUISHABLE
from tests.session.matrix.outbound_rows import OUTBOUND_ROWS
from tests.session.matrix.rows import AGENT_ROWS, Case, Row
from tests.session.matrix.supervision_rows import SUPERVISION_ROWS

ROWS = (*AGENT_ROWS, *OUTBOUND_ROWS, *SUPERVISION_ROWS)
Result = Outcome | OutcomeResult
LIMIT = "Finesse does not report whether"


async def _acts(made: Bench, case: Case, column: Column) -> Result | FinesseError:
    column.before(made, case)
    acting = asyncio.ensure_future(made.act(case.action, case.in_effect))
    try:
        await made.until(lambda: made.writes() or acting.done())
        made.note_sent()
        if not acting.done():
            column.sent(made, case)
        return await acting
    except FinesseError as error:
        return error


async def _cell(row: Row, column: Column, request_ids: RequestIds) -> str:
    """Return the error found in a cell, or an empty string."""
    given = {"user_id": row.user_id, "wrap_up": row.wrap_up, "platform": row.platform}
    async with bench(request_ids, **given) as made:
        case = await row.make(made)
        if not column.fits(case):
            return ""
        await made.known()
        outcome = await _acts(made, case, column)
        await asyncio.sleep(3 * DELAY)  # by then, anything still queued has been executed
        came = made.came or case.in_effect()
        others = row.name in NEW_CALLS and made.overtaken and column.name == DONE_FIRST
        if others and isinstance(outcome, Result) and outcome.status == "failed":
            came = False
        wrong = _judge(row, column, request_ids, outcome, came=came)
        if made.writes() > case.requests:
            wrong = f"{made.writes()} requests were sent"
        said = f"{outcome.status}: {outcome.message}" if isinstance(outcome, Result) else repr(outcome)
        return f"{column.name}: {wrong} (came={came}) [{said}]" if wrong else ""


def _judge(
    row: Row,
    column: Column,
    request_ids: RequestIds,
    outcome: Result | FinesseError,
    *,
    came: bool,
) -> str:
    if isinstance(outcome, FinesseError):
        return "an error was raised" if column.must_confirm else ""
    status = str(outcome.status)
    if column.must_confirm and status != row.success:
        return f"an ordinary success was not {row.success}"
    if status == "failed" and came:
        return "false failed"
    if status in ("confirmed", "unchanged") and not came:
        cell = (row.name, column.name, request_ids)
        if status == "confirmed" and cell in INDISTINGUISHABLE and LIMIT in outcome.message:
            return ""
        return f"false {status}"
    return ""


# A call made by another client that was visible before the request was sent is not the requested call.
NEW_CALLS = frozenset({"make_call", "consult_call", "monitor_call"})
DONE_FIRST = "done by another client first"


@pytest.mark.parametrize("request_ids", ["all", "sparse"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_call_outcome_never_contradicts_the_simulator(row: Row, request_ids: RequestIds) -> None:
    await _check(row, COLUMNS, request_ids)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_empty_408_and_500_never_produce_a_false_failed(row: Row) -> None:
    await _check(row, ANSWERS_LOST, "all")


async def _check(row: Row, columns: Sequence[Column], request_ids: RequestIds) -> None:
    cells = [_cell(row, column, request_ids) for column in columns]
    wrong = [each for each in await asyncio.gather(*cells) if each]
    assert not wrong, "\n".join(wrong)
