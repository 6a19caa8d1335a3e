"""Code lists: what an agent may choose from, read within a time limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import NotReadyError
from tests.session.support import TIMING, floor


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("PhoneBooks", "The phone books"),
        ("WrapUpReasons", "The wrap-up reasons"),
        ("ReasonCodes", "The reason codes"),
    ],
)
async def test_a_list_that_is_not_answered_in_time_is_reported(path: str, what: str, tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, read=0.1)) as finesse:
        finesse.simulator.faults.no_answer(3, path=path)
        reads = {
            "PhoneBooks": finesse.session.contacts,
            "WrapUpReasons": finesse.session.wrap_up_reasons,
            "ReasonCodes": lambda: finesse.session.codes("NOT_READY"),
        }
        with pytest.raises(NotReadyError, match=f"{what} could not be read in time"):
            await reads[path]()
