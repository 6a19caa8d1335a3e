"""``mcp-finesse demo``: a whole call, live, on a simulated Finesse; nothing else is needed."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import anyio
import click
from mcp import Client

from mcp_finesse.cli.options import log_to_stderr
from mcp_finesse.cli.player import Player
from mcp_finesse.cli.simulation import AGENT, simulated_config
from mcp_finesse.cli.story import tell_story
from mcp_finesse.server import build_server
from mcp_finesse.session import FinesseSession
from mcp_finesse.settings import Settings
from mcp_finesse.simulator import Simulator, SimulatorSettings


@click.command()
@click.option("--pause", default=0.0, show_default=True, help="Seconds between the steps, to read along.")
@click.option("--log-level", default="ERROR", show_default=True, help="What goes to stderr.")
def demo(pause: float, log_level: str) -> None:
    """Play a call from sign-in to sign-out, and tell what happens.

    Starts a simulated Finesse and the MCP server, acts as an MCP client, and shows each tool call with its
    outcome and each notification as it comes. Ends with status 0 if all was as expected, with 1 if not.
    """
    log_to_stderr(log_level.upper())
    if not anyio.run(_demo, pause, log_level.upper()):
        raise click.exceptions.Exit(1)


async def _demo(pause: float, log_level: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="mcp-finesse-demo-") as folder:
        async with Simulator(SimulatorSettings(delay=0.02)) as simulator:
            config = simulated_config(simulator, Settings(state_dir=Path(folder)))
            server = build_server(lambda: FinesseSession(config))
            logging.getLogger("mcp_finesse.audit").setLevel(log_level)
            async with Client(server) as client:
                player = Player(client, click.echo, pause)
                player.say(f"A Finesse is simulated at {simulator.url}; the agent is {AGENT}, Ada Okoro.")
                async with player.watching():
                    await tell_story(player, simulator)
                return player.summary()
