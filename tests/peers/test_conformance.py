"""The official conformance suite of MCP finds that our server keeps to both revisions of the protocol.

Every scenario of a revision runs, those of extensions that the server does not have (tasks, skills) excepted.
A warning of the suite counts as a failure. ``conformance/baseline.yml`` says what does not apply, and why.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import node
from tests.peers.support import serving

pytestmark = pytest.mark.peer

BASELINE = node.HERE / "conformance" / "baseline.yml"
SERVER = (sys.executable, "-m", "tests.peers.conformance.server")


@pytest.mark.parametrize(("revision", "at_least"), [("2025-11-25", 79), ("2026-07-28", 152)])
async def test_it_finds_nothing_that_applies(revision: str, at_least: int, tmp_path: Path) -> None:
    node.node()
    suite = node.program("@modelcontextprotocol/conformance", "conformance")
    results = tmp_path / "results"
    async with serving(*SERVER) as url:
        done = await node.run(
            suite, "server", "--url", url, "--suite", "all", "--spec-version", revision,
            "--expected-failures", str(BASELINE), "-o", str(results), home=tmp_path,
        )  # fmt: skip
    assert done.status == 0, "\n".join([*complaints(results), done.out[-4000:], done.err])
    assert passed(results) >= at_least  # the suite did ask


def complaints(results: Path) -> Iterator[str]:
    """What the suite found, of which the baseline may excuse some."""
    for scenario, check in checks(results):
        if check["status"] in ("FAILURE", "WARNING"):
            yield f"{scenario}: {check['id']}: {check.get('errorMessage')}"


def passed(results: Path) -> int:
    return sum(check["status"] == "SUCCESS" for _, check in checks(results))


def checks(results: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for file in sorted(results.glob("*/checks.json")):
        for check in json.loads(file.read_text()):
            yield file.parent.name, check
