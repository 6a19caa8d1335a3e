"""Run the tests: ``python -m tests [PYTEST ARGUMENTS]``.

First the tests that can run in parallel, then those that start processes or measure time (marker ``alone``), one at a
time. Benchmarks and long failure runs are commands of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys

REST = "not benchmark and not chaos"
WORKERS = os.environ.get("TEST_WORKERS", "4")


def main(arguments: list[str]) -> int:
    """Run both parts, the second also after failures of the first. Return the first failing exit status, or 0."""
    coverage = any(argument.startswith("--cov") for argument in arguments)
    parallel = ["-n", WORKERS, "--dist", "worksteal", "-m", f"not alone and {REST}", *arguments]
    if coverage:  # the report, and its limit, belong to the end of the second part
        parallel += ["--cov-report=", "--cov-fail-under=0"]
    alone = ["-m", f"alone and {REST}", *arguments, *(["--cov-append"] if coverage else [])]
    statuses = [subprocess.call([sys.executable, "-m", "pytest", *part]) for part in (parallel, alone)]
    return next(filter(None, statuses), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
