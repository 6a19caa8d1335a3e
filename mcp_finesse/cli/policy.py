"""``mcp-finesse policy``: checks and explains a policy file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from mcp_finesse.server import CONFIRM_MODES, explain_policy, read_policy_file


@click.group()
def policy() -> None:
    """Check a policy file for `mcp-finesse serve --policy FILE`, or show an example."""


@policy.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--confirm",
    type=click.Choice(CONFIRM_MODES),
    default="auto",
    show_default=True,
    help="Explain the policy for this value of the setting confirm.",
)
def check(file: Path, confirm: str) -> None:
    """Check a policy file and print what it allows.

    Errors name the line, the field and what was expected.
    """
    rules = read_policy_file(file)
    click.echo(f"{file} is valid.")
    for line in explain_policy(rules, confirm):
        click.echo(line)


@policy.command()
def example() -> None:
    """Print a cautious policy that you can adapt."""
    click.echo(files("mcp_finesse.server.policy").joinpath("example.toml").read_text("utf-8"), nl=False)
