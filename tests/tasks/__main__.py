"""``python -m tests.tasks``: let a model play the tasks, or play their scripts, and print the results."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path

import anyio
import click

from tests.tasks.chat import Chat, Endpoint
from tests.tasks.every import TASKS
from tests.tasks.playing import TASK_SECONDS, Mind, Verdict, play
from tests.tasks.report import Row, listing, row_of, summary
from tests.tasks.scripted import Scripted
from tests.tasks.task import Task


@click.command(context_settings={"max_content_width": 110})
@click.option("--task", "names", multiple=True, help="Only tasks whose name contains this text. Repeatable.")
@click.option("--list", "only_list", is_flag=True, help="List the tasks without playing them.")
@click.option(
    "--base-url", envvar="TASKS_BASE_URL", help="Base URL of the endpoint, without /chat/completions."
)
@click.option("--model", envvar="TASKS_MODEL", default="", help="Name of the model at the endpoint.")
@click.option(
    "--runs", type=click.IntRange(1), default=1, show_default=True, help="Number of runs of each task."
)
@click.option(
    "--era",
    type=click.Choice(["2026-07-28", "2025-11-25"]),
    default="2026-07-28",
    show_default=True,
    help="Version of the MCP protocol.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1),
    default=TASK_SECONDS,
    show_default=True,
    help="Maximum seconds of a run.",
)
@click.option(
    "--transcripts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the transcripts.",
)
def main(
    names: tuple[str, ...],
    only_list: bool,
    base_url: str | None,
    model: str,
    runs: int,
    era: str,
    seconds: float,
    transcripts: Path | None,
) -> None:
    """Let a model play the tasks on the simulator, or without --base-url play their scripts.

    The API key comes from TASKS_API_KEY. The exit status is 1 if a run failed.
    """
    chosen = [task for task in TASKS if not names or any(name in task.id for name in names)]
    if not chosen:
        raise click.BadParameter("no task has this name; see --list", param_hint="--task")
    if only_list:
        click.echo(listing(chosen))
        return
    if base_url and not model:
        raise click.UsageError("an endpoint needs --model (TASKS_MODEL)")
    logging.disable(logging.CRITICAL)  # show only the table
    endpoint = Endpoint(base_url, _key(), model) if base_url else None
    click.echo(f"{len(chosen)} tasks, played by {model if endpoint else 'their scripts'}.\n")
    mode = "legacy" if era == "2025-11-25" else "auto"
    rows = anyio.run(_play_all, chosen, endpoint, runs, mode, seconds, transcripts)
    click.echo(f"\n{summary(rows)}")
    if any(not row.passed for row in rows):
        sys.exit(1)


def _key() -> str:
    import os

    return os.environ.get("TASKS_API_KEY", "")


async def _play_all(
    tasks: list[Task],
    endpoint: Endpoint | None,
    runs: int,
    era: str,
    seconds: float,
    transcripts: Path | None,
) -> list[Row]:
    rows = []
    for task in tasks:
        for run in range(1, runs + 1):
            mind: Mind = Chat(endpoint) if endpoint else Scripted(task.solution)
            verdict = await play(task, mind, era=era, seconds=seconds)
            rows.append(row_of(verdict))
            click.echo(str(rows[-1]))
            if transcripts is not None:
                _write(transcripts, verdict, run)
    return rows


def _write(folder: Path, verdict: Verdict, run: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w-]", "-", f"{verdict.task}-{run}")
    told = {"task": verdict.task, "wrong": verdict.wrong, "transcript": verdict.transcript}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(prog_name="python -m tests.tasks")
