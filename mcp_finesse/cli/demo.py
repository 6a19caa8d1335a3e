"""``mcp-finesse demo`` plays an agent's day on a simulated Finesse, without any other system."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import click
from mcp import Client
from mcp.types import ElicitRequestParams, ElicitResult

from mcp_finesse.cli.async_main import first_of, run_async
from mcp_finesse.cli.demo_runner import DemoRunner
from mcp_finesse.cli.demo_script import play_demo
from mcp_finesse.cli.options import LOG_LEVELS, NumberRange, command_flag, log_to_stderr
from mcp_finesse.cli.simulation import AGENT, simulated, simulated_config
from mcp_finesse.server import build_server
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.xmpp_transports import CHOICES

log = logging.getLogger(__name__)

READABLE_PAUSE = 0.8
"""Seconds before each step, so that a person can read the previous one."""


@click.command()
@command_flag(
    "--pause",
    type=NumberRange(0, 5),
    default=None,
    help=f"Seconds before each step. Default: {READABLE_PAUSE} in a terminal, otherwise 0.",
)
@command_flag(
    "--xmpp-transport",
    type=click.Choice(CHOICES),
    default="auto",
    help="Transport to the Notification Service.",
)
@command_flag(
    "--log-level",
    type=LOG_LEVELS,
    default="ERROR",
    help="Log level for stderr.",
)
def demo(pause: float | None, xmpp_transport: str, log_level: str) -> None:
    """Run a scripted agent's day, from sign-in to sign-out, on a simulated Finesse.

    Starts a simulated Finesse and the MCP server, acts as an MCP client, and prints each tool call with its
    outcome and each notification as it arrives. Exits with 0 if everything went as expected, otherwise with 1.
    """
    log_to_stderr(log_level)
    if pause is None:
        pause = READABLE_PAUSE if sys.stdout.isatty() else 0.0
    if not run_async(_demo, pause, xmpp_transport, log_level):
        raise click.exceptions.Exit(1)


async def _demo(pause: float, transport: str, log_level: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="mcp-finesse-demo-") as folder:
        async with simulated(SimulatorSettings(delay=0.02)) as simulator:
            config = simulated_config(simulator, Path(folder), xmpp_transport=transport)
            server = build_server(lambda: FinesseSession(config))
            logging.getLogger("mcp_finesse.audit").setLevel(log_level)

            async def answer(context: object, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG001
                return runner.agree(params.message)

            async with Client(server, elicitation_callback=answer) as client:
                runner = DemoRunner(client, click.echo, pause)
                runner.say(f"Simulated Finesse at {simulator.url}; the agent is {AGENT}, Ada Okoro.")
                await _play(runner, simulator)
                return runner.summary()


async def _play(runner: DemoRunner, simulator: Simulator) -> None:
    """Play the demo. The summary reports an error that stops the demo like any other unexpected result."""
    try:
        async with runner.watching():
            await play_demo(runner, simulator)
    except Exception as error:
        cause = first_of(error)
        log.debug("the demo stopped", exc_info=cause)
        runner.expect(False, f"The demo stopped: {type(cause).__name__}: {cause}")
