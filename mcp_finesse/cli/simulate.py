"""``mcp-finesse simulate``: a Finesse to practise on, for any client."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path
from typing import Literal

import anyio
import click

from mcp_finesse.cli.options import log_to_stderr
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.scenarios.customers import customers_call


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=int, default=8445, show_default=True, help="Port of REST and WebSocket; 0 is a free one."
)
@click.option("--platform", type=click.Choice(["UCCE", "UCCX"]), default="UCCE", show_default=True)
@click.option(
    "--routing",
    type=click.Choice(["all", "latest"]),
    default="all",
    show_default=True,
    help="Whether an automatic feed reaches every session of an agent, or the latest one.",
)
@click.option(
    "--customers/--no-customers", default=True, show_default=True, help="Let customers call who is ready."
)
@click.option(
    "--write-ca", type=click.Path(path_type=Path, dir_okay=False), help="Copy the CA certificate here."
)
@click.option("--log-level", default="WARNING", show_default=True, help="What goes to stderr.")
def simulate(
    host: str,
    port: int,
    platform: Literal["UCCE", "UCCX"],
    routing: Literal["all", "latest"],
    customers: bool,
    write_ca: Path | None,
    log_level: str,
) -> None:
    """Run a simulated Finesse until Ctrl-C: REST, WebSocket and XMPP, by the documented rules.

    Agents 1001, 1002 and 1003 (extensions 4501 to 4503) and supervisor 1000 (4500) have the password "secret".
    """
    log_to_stderr(log_level.upper())
    settings = SimulatorSettings(host=host, port=port, platform=platform, bare_jid_routing=routing)
    anyio.run(_simulate, settings, customers, write_ca)


async def _simulate(settings: SimulatorSettings, customers: bool, write_ca: Path | None) -> None:
    async with Simulator(settings) as simulator:
        if write_ca is not None:
            shutil.copyfile(simulator.ca_file, write_ca)
        click.echo(
            f"Finesse is simulated at {simulator.url} (WebSocket {simulator.ws_url}).\n"
            f"Its certificate was signed by {write_ca or simulator.ca_file}.\n\n"
            "Let the server use it:\n"
            f"  FINESSE_URL={simulator.url} FINESSE_USER=1001 FINESSE_PASSWORD=secret \\\n"
            f"  FINESSE_CA_FILE={write_ca or simulator.ca_file} mcp-finesse serve\n\nCtrl-C ends it."
        )
        async with anyio.create_task_group() as tasks:
            if customers:
                tasks.start_soon(customers_call, simulator.center)
            await _until_told_to_end()
            tasks.cancel_scope.cancel()


async def _until_told_to_end() -> None:
    if sys.platform == "win32":
        await anyio.sleep_forever()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            return
