"""``mcp-finesse scenario``: lists, shows and checks scenarios of the simulator, and prints their JSON schema."""

from __future__ import annotations

import json
from typing import Literal

import click

from mcp_finesse.cli.scenario_files import open_scenario
from mcp_finesse.simulator.scenarios.definition import json_schema, shipped_scenarios, shipped_text


@click.group()
def scenario() -> None:
    """List, show or check scenarios for `mcp-finesse simulate --scenario NAME`."""


@scenario.command(name="list")
def list_scenarios() -> None:
    """Print the names and titles of the scenarios that are part of the package."""
    for name in shipped_scenarios():
        click.echo(f"{name}: {open_scenario(name).scenario.title}")


@scenario.command()
@click.argument("name", type=click.Choice(shipped_scenarios()))
def show(name: str) -> None:
    """Print a scenario of the package, to start from."""
    click.echo(shipped_text(name), nl=False)


@scenario.command()
@click.argument("file")
@click.option(
    "--platform",
    type=click.Choice(["UCCE", "UCCX"]),
    default="UCCE",
    show_default=True,
    help="The platform on which the scenario is to run.",
)
def check(file: str, platform: Literal["UCCE", "UCCX"]) -> None:
    """Check a scenario file. Errors name the line, the field and what was expected."""
    open_scenario(file, platform)
    click.echo(f"{file} is valid.")


@scenario.command()
def schema() -> None:
    """Print the JSON schema of scenario files, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))
