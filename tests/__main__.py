"""Run the tests: ``python -m tests [PYTEST ARGUMENTS]``.

First the tests that can run in parallel, under pytest-xdist; then three groups of tests that start processes and wait
for them, at the same time; at last those that measure time, with nothing beside them (``tests/conftest.py`` lists
them). Benchmarks and long failure runs are commands of their own. With ``--cov``, the coverage of all but the last is
reported at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import GROUPS

ROOT = Path(__file__).parent
REST = "not benchmark and not chaos and not fuzz"
WORKERS = os.environ.get("TEST_WORKERS") or str(min(16, 2 * (os.cpu_count() or 2)))
"""Twice the cores: half of the tests wait."""


class Run:
    """The parts of one run, their exit statuses and their coverage."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self.coverage = "--cov" in arguments
        self._arguments = arguments
        self._chosen = any(Path(each.partition("::")[0]).exists() for each in arguments)
        self._folder = folder
        self.statuses: list[int] = []

    def start(
        self, name: str, marker: str, *options: str, output: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start pytest with the tests of a marker expression."""
        command = [sys.executable, "-m", "pytest", "-m", f"{marker} and {REST}", *options, *self._arguments]
        if self.coverage and name == "timed":  # measuring coverage takes time
            command += ["--no-cov"]
        elif self.coverage:
            command += ["--cov-report=", "--cov-fail-under=0"]  # both belong to the end of all parts
        if name in GROUPS and not self._chosen:  # nothing else is imported
            command += [str(ROOT / path) for path in GROUPS[name]]
        environment = os.environ | {"COVERAGE_FILE": str(self._folder / f".coverage.{name}")}
        # Several hundred processes start. Each would compile the package anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a part. That nothing was selected for it is no failure."""
        status = process.wait()
        self.statuses.append(0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status)

    def side_by_side(self, names: list[str]) -> None:
        """Run groups at the same time and show the output of one after the other."""
        outputs = {name: (self._folder / f"{name}.txt").open("w+b") for name in names}
        processes = {name: self.start(name, name, output=outputs[name]) for name in names}
        for name, process in processes.items():
            self.finish(process)
            print(f"-- {name}", flush=True)
            outputs[name].seek(0)
            sys.stdout.buffer.write(outputs[name].read())
            sys.stdout.flush()
            outputs[name].close()

    def report(self) -> None:
        """Combine the coverage of all parts and report it, with its limit."""
        files = sorted(str(file) for file in self._folder.glob(".coverage.*"))
        for command in (["combine", *files], ["report"]):
            self.statuses.append(subprocess.call([sys.executable, "-m", "coverage", *command]))


def main(arguments: list[str]) -> int:
    """Run all parts, also after failures. Return the first failing exit status, or 0."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(arguments, Path(folder))
        run.finish(run.start("parallel", "not alone", "-n", WORKERS, "--dist", "worksteal"))
        run.side_by_side([name for name in GROUPS if name != "timed"])
        run.finish(run.start("timed", "timed"))
        if run.coverage:
            run.report()
    return next(filter(None, run.statuses), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
