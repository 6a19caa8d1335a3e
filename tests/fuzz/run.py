"""Fuzz targets guided by coverage: ``python -m tests.fuzz.run TARGET... --cases N``.

Requires atheris (``pip install '.[fuzz]'``; Linux on x86-64). ``--save`` adds the inputs that reached new code to the
corpus. ``--keep FILE`` adds the input in a file, such as one that showed a defect. Without targets, all are run.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS

_MAX_LENGTH = 4096
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_CASES = re.compile(r"^#(\d+)\s", re.MULTILINE)


def fuzz(name: str, cases: int, seconds: int, seed: int, *, save: bool) -> bool:
    """Run one target. Print the result, and return whether no case showed a defect."""
    target, started = TARGETS[name], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder, "inputs")
        inputs.mkdir()
        known = [*target.samples(), *corpus.kept(name)]
        for number, data in enumerate(known):
            (inputs / f"known-{number}").write_bytes(data)
        findings = Path.cwd() / f"finding-{name}-"
        options = [
            f"-runs={cases}", f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_MAX_LENGTH}", "-timeout=30",
            "-rss_limit_mb=2048", f"-artifact_prefix={findings}", str(inputs),
        ]  # fmt: skip
        command = [sys.executable, "-m", "tests.fuzz.engine", name, *options]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        found = _DONE.search(done.stderr)
        ran = int(found[1]) if found else max([0, *map(int, _CASES.findall(done.stderr))])
        print(
            f"{name}: {ran:,} cases in {time.monotonic() - started:.0f} s, exit status {done.returncode}",
            flush=True,
        )
        if done.returncode:
            print("\n".join((done.stdout + done.stderr).splitlines()[-60:]), flush=True)
        if save:
            every = [file.read_bytes() for file in inputs.iterdir()]
            corpus.keep(name, corpus.minimised(target, every, corpus.kept(name)))
    return done.returncode == 0


def main() -> int:
    """Parse the command line and run the targets."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.run", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of: {', '.join(TARGETS)}")
    parser.add_argument("--cases", type=int, default=200_000, help="cases of each target (default: 200000)")
    parser.add_argument(
        "--seconds", type=int, default=0, help="maximum seconds of each target (default: no limit)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="add inputs that reached new code to the corpus")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="add the input in this file to the corpus")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if unknown := [name for name in chosen.targets if name not in TARGETS]:
        parser.error(f"There is no target {', '.join(unknown)}.")
    if chosen.keep is not None:
        if len(chosen.targets) != 1:
            parser.error("--keep requires one target.")
        (name,) = chosen.targets
        corpus.keep(name, dict.fromkeys([*corpus.kept(name), chosen.keep.read_bytes()]))
        return 0
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed: pip install '.[fuzz]' (Linux on x86-64).")
    passed = [
        fuzz(name, chosen.cases, chosen.seconds, chosen.seed, save=chosen.save)
        for name in chosen.targets or list(TARGETS)
    ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
