"""``mcp-finesse audit``: checks an audit log."""

from __future__ import annotations

from pathlib import Path

import click

from mcp_finesse.errors import ConfigurationError, InvalidRequestError
from mcp_finesse.server import Position, verify

_MAX_SHOWN = 20


@click.group()
def audit() -> None:
    """Check an audit log that `mcp-finesse serve --audit FILE` wrote."""


@audit.command("verify")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--end", help="Expected hash of the last record, as printed by an earlier verification.")
def verify_command(files: tuple[Path, ...], end: str | None) -> None:
    """Check that no record of an audit log was changed, removed, inserted or moved.

    Name rotated files before the current file, oldest first: each file must continue the previous file. The hash of
    the last record is printed. Store the hash elsewhere: without it, records removed from the end go undetected.
    """
    position: Position | None = None
    problems = 0
    for path in files:
        position, found = _verify(path, position)
        problems += found
    last = position or Position()
    click.echo(f"Last record: {last.number}, hash {last.digest}")
    if end is not None and end != last.digest:
        problems += 1
        click.echo(f"The hash of the last record is not {end}: records were removed or added at the end.")
    if problems:
        raise InvalidRequestError("The audit log was changed or is damaged.")


def _verify(path: Path, after: Position | None) -> tuple[Position, int]:
    try:
        with path.open("rb") as file:
            found = verify(file, after)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error
    click.echo(f"{path}: {found.records} records, from number {found.start.number + 1}.")
    for line in found.partial_lines[:_MAX_SHOWN]:
        click.echo(
            f"  line {line}: incomplete, because the process that wrote it was killed. The next record "
            "contains the hash of this line."
        )
    if found.ends_incomplete:
        click.echo(
            "  The last line is incomplete: the process that writes it was killed or has not finished."
        )
    for problem in found.problems[:_MAX_SHOWN]:
        click.echo(f"  line {problem.line}: {problem.message}.")
    if (more := len(found.problems) - _MAX_SHOWN) > 0:
        click.echo(f"  {more} more problems.")
    return found.end, len(found.problems)
