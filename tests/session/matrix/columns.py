"""Columns of the matrix: faults, and actions of others, while an action is performed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.session.matrix.bench import DELAY, Bench
from tests.session.matrix.rows import Case

_MANY = 100


@dataclass(frozen=True)
class Column:
    """A circumstance.

    Attributes:
        name: what happens.
        before: called before the action begins.
        sent: called when its request has arrived, before it is executed.
        fits: whether the circumstance applies to a case.
        must_confirm: whether the result must be ``confirmed`` despite the circumstance.
    """

    name: str
    before: Callable[[Bench, Case], object] = lambda bench, case: None
    sent: Callable[[Bench, Case], object] = lambda bench, case: None
    fits: Callable[[Case], bool] = lambda case: True
    must_confirm: bool = False


def _lose(bench: Bench, _: Case) -> None:
    bench.faults.lose_next_event(_MANY)


def _refuse(bench: Bench, case: Case, *, with_id: bool) -> None:
    # Other actions of another client are not rejected: the fault affects the next request of this kind.
    bench.faults.fail_next(case.fails_as, with_request_id=with_id)


def _refuse_unheard(bench: Bench, case: Case) -> None:
    _refuse(bench, case, with_id=True)
    bench.lose_errors = True


def _status(bench: Bench, status: int, *, carry_out: bool) -> None:
    for method in ("PUT", "POST"):
        bench.faults.http_status(status, "", method=method, carry_out=carry_out)


def _leaves(_: Bench, case: Case) -> None:
    assert case.other_leaves is not None
    case.other_leaves()


def _undo_later(_: Bench, case: Case) -> None:
    # Queued after our request, which holds the device.
    assert case.undo is not None
    asyncio.get_running_loop().call_later(0.01, case.undo)


def _same_by_another_fails(bench: Bench, case: Case) -> None:
    # Its error has no id and arrives while our request waits for the same device or object.
    bench.faults.fail_next(case.fails_as, with_request_id=False)
    case.by_another()


def _has_other(case: Case) -> bool:
    return case.other_leaves is not None


COLUMNS = (
    Column("nothing goes wrong", must_confirm=True),
    Column("event lost", _lose),
    Column("event late", lambda bench, _: bench.faults.delay_events(0.2), must_confirm=True),
    Column("intermediate event", lambda bench, _: bench.faults.intermediate_event(), must_confirm=True),
    Column("event duplicated", lambda bench, _: bench.faults.duplicate_events(_MANY), must_confirm=True),
    Column("events out of order", lambda bench, _: setattr(bench, "reordered", True)),
    Column("rejected with id", lambda bench, case: _refuse(bench, case, with_id=True)),
    Column("rejected without id", lambda bench, case: _refuse(bench, case, with_id=False)),
    Column("rejected, error lost", _refuse_unheard),
    Column("500 empty, not carried out", lambda bench, _: _status(bench, 500, carry_out=False)),
    Column("408 empty, not carried out", lambda bench, _: _status(bench, 408, carry_out=False)),
    Column("dropped", lambda bench, _: _status(bench, 202, carry_out=False)),
    Column("done by another client first", lambda _, case: case.by_another()),
    Column("the same by another client fails first", _same_by_another_fails),
    Column("undone by another client", sent=_undo_later, fits=lambda case: case.undo is not None),
    Column("other party leaves", sent=_leaves, fits=_has_other),
    Column(
        "other party leaves, event lost",
        _lose,
        _leaves,
        _has_other,
    ),
    Column(
        "other party leaves, rejected with id",
        lambda bench, case: _refuse(bench, case, with_id=True),
        _leaves,
        _has_other,
    ),
    Column(
        "other party leaves, dropped",
        lambda bench, _: _status(bench, 202, carry_out=False),
        _leaves,
        _has_other,
    ),
    Column(
        "the same by another client fails first, other party leaves",
        _same_by_another_fails,
        _leaves,
        _has_other,
    ),
    Column(
        "rejected, error lost, then other party leaves",
        _refuse_unheard,
        lambda bench, case: asyncio.get_running_loop().call_later(4 * DELAY, _leaves, bench, case),
        _has_other,
    ),
)

ANSWERS_LOST = (
    Column("500 empty, carried out", lambda bench, _: _status(bench, 500, carry_out=True)),
    Column("408 empty, carried out", lambda bench, _: _status(bench, 408, carry_out=True)),
)
"""An empty 500 or 408 is returned although the request is executed."""
