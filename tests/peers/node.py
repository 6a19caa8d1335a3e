"""Finds Node and the npm packages of the tests, and runs programs on them."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LIMIT = 60.0
"""Seconds for a program that we did not write, on a machine that may be slow."""


def modules() -> Path:
    """The folder of the npm packages: ``PEERS`` if it is set, else where ``npm ci`` puts them."""
    return Path(os.environ.get("PEERS") or HERE / "node_modules")


def node() -> Path:
    """The Node that is one of the packages (the Inspector needs 22).

    Without it a test is skipped, in CI it fails.
    """
    found = modules() / "node" / "bin" / "node"
    if not found.is_file():
        reason = f"there is no {found}: npm ci --prefix tests/peers"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def program(package: str, name: str) -> Path:
    """A program of a package, by the name that ``npx`` knows it by."""
    folder = modules() / package
    return folder / str(json.loads((folder / "package.json").read_text())["bin"][name])


@dataclass(frozen=True)
class Done:
    """How a program ended."""

    status: int
    out: str
    err: str

    def answer(self) -> Any:
        """Its output, which must be JSON, of a program that went well."""
        assert self.status == 0, f"{self.out}\n{self.err}"
        return json.loads(self.out)


async def run(script: Path, *arguments: str, home: Path, given: str = "", limit: float = LIMIT) -> Done:
    """Run a script to its end; ``home`` is a folder that it may write to. It has ``limit`` seconds."""
    pipe = asyncio.subprocess.PIPE
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FINESSE_")}
    process = await asyncio.create_subprocess_exec(
        node(), script, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, cwd=HERE.parents[1],
        env=inherited | {"HOME": str(home), "PEERS": str(modules().resolve()), "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(limit):
            out, err = await process.communicate(given.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())
