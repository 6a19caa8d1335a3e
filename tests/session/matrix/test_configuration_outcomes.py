"""Every configuration change in every circumstance: no result claims more than the simulator's state."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.administration.change_runner import ConfigurationOutcome
from mcp_finesse.simulator.errors import ApiProblem
from tests.session.matrix.configuration_bench import ConfigurationBench, configuration_bench, nothing
from tests.session.matrix.configuration_rows import ROWS, ConfigurationCase, ConfigurationRow

REFUSAL = (
    "<ApiErrors><ApiError><ErrorType>Invalid Input</ErrorType><ErrorMessage>no</ErrorMessage>"
    "<ErrorData>x</ErrorData></ApiError></ApiErrors>"
)
PAGE = "<html><body>bad gateway</body></html>"
Other = Callable[[ConfigurationCase], Callable[[], object] | None]


@dataclass(frozen=True)
class Answer:
    """The response to a request.

    Attributes:
        name: the circumstance.
        tells: the status of an undisturbed result.
        status: HTTP status; 0 for Finesse's own response.
        body: of the response.
        done: whether the request is executed.
        lost: whether the connection breaks instead of a response.
    """

    name: str
    tells: str
    status: int = 0
    body: str = ""
    done: bool = True
    lost: bool = False


ANSWERS = (
    Answer("carried out", "confirmed"),
    Answer("2xx, not carried out", "unknown", 200, done=False),
    *(
        Answer(
            f"{status}, {'' if done else 'not '}carried out",
            "confirmed" if done else "unknown",
            status,
            body,
            done,
        )
        for status, body in ((500, ""), (408, ""), (502, PAGE))
        for done in (True, False)
    ),
    Answer("answer dropped", "confirmed", lost=True),
    Answer("request dropped", "unknown", 200, done=False, lost=True),
    Answer("refused", "failed", 400, REFUSAL, done=False),
)
BEFORE: dict[str, Other] = {
    "": lambda case: nothing,
    "done by another administrator first": lambda case: case.by_another,
    "other values by another administrator first": lambda case: case.other_values,
}
AFTER: dict[str, Other] = {
    "": lambda case: nothing,
    "undone by another administrator": lambda case: case.undo,
    "other values by another administrator": lambda case: case.other_values,
    "done by another administrator": lambda case: case.by_another,
    "partly done": lambda case: case.partly,
}
CIRCUMSTANCES = [(before, "") for before in BEFORE] + [("", after) for after in AFTER if after]


def _told_truly(case: ConfigurationCase, outcome: ConfigurationOutcome, came: bool) -> bool:
    status = str(outcome.status)
    if status == "failed":
        return not case.in_effect()
    if status == "confirmed" and case.created and outcome.differences:
        return came
    return status not in ("confirmed", "unchanged") or case.in_effect()


async def _cell(row: ConfigurationRow, answer: Answer, before: str, after: str) -> str:
    """Return the error found in a cell, or an empty string."""
    async with configuration_bench() as bench:
        case = row.make(bench.configuration)
        first, then = BEFORE[before](case), AFTER[after](case)
        if first is None or then is None:
            return ""
        came = False

        def act_after() -> None:
            nonlocal came
            came = case.in_effect()
            if (answer.done and came) or after == "done by another administrator":
                _try(then)

        bench.wire.before, bench.wire.after, bench.wire.lost = lambda: _try(first), act_after, answer.lost
        for method in ("PUT", "POST", "DELETE") if answer.status else ():
            bench.faults.http_status(answer.status, answer.body, method=method, carry_out=answer.done)
        outcome = await bench.change(case.change)
        return _wrong(case, answer, outcome, bench, came, disturbed=bool(before or after))


def _try(act: Callable[[], object]) -> None:
    # Finesse rejects the other administrator's request when there is nothing left to do.
    with contextlib.suppress(ApiProblem):
        act()


def _wrong(
    case: ConfigurationCase,
    answer: Answer,
    outcome: ConfigurationOutcome | FinesseError,
    bench: ConfigurationBench,
    came: bool,
    *,
    disturbed: bool,
) -> str:
    if bench.wire.writes != 1:
        return f"{bench.wire.writes} requests were sent"
    if isinstance(outcome, FinesseError):
        return f"an error was raised: {outcome}"
    if not _told_truly(case, outcome, came):
        return f"false {outcome.status}: {outcome.message}"
    if not disturbed and outcome.status != answer.tells:
        return f"{outcome.status} instead of {answer.tells}: {outcome.message}"
    return ""


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_configuration_outcome_never_contradicts_the_simulator(
    row: ConfigurationRow, answer: Answer
) -> None:
    cells = [(before, after, await _cell(row, answer, before, after)) for before, after in CIRCUMSTANCES]
    wrong = [f"{before}{after}: {text}" for before, after, text in cells if text]
    assert not wrong, "\n".join(wrong)
