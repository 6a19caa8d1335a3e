"""``mcp-finesse simulate``: a Finesse to practise on, for any client."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path
from typing import Literal

import anyio
import anyio.abc
import click

from mcp_finesse.cli.options import LOG_LEVELS, log_to_stderr, own_flag
from mcp_finesse.cli.running import run_async
from mcp_finesse.cli.simulation import simulated, simulated_pair
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.simulator import Simulator, SimulatorSettings


@click.command()
@own_flag("--host", default="127.0.0.1", help="Where to listen.")
@own_flag(
    "--port",
    type=click.IntRange(0, 65535),
    default=8445,
    help="Port of REST, WebSocket and BOSH; 0 is a free one.",
)
@own_flag(
    "--tcp-port", type=click.IntRange(0, 65535), default=0, help="Port of XMPP over TCP; 0 is a free one."
)
@own_flag(
    "--platform",
    type=click.Choice(["UCCE", "UCCX"]),
    default="UCCE",
    help="Whose rules and events to follow.",
)
@own_flag(
    "--routing",
    type=click.Choice(["all", "latest"]),
    default="all",
    help="Whether an automatic feed reaches every session of an agent, or the latest one.",
)
@own_flag(
    "--request-ids",
    type=click.Choice(["all", "sparse"]),
    default="all",
    help="Which events carry the request id; sparse, and with calls ending, as on a recorded system.",
)
@own_flag(
    "--nodes",
    type=click.IntRange(1, 2),
    default=1,
    help="How many nodes; the second one listens on the next port up, or on a free one.",
)
@own_flag("--customers/--no-customers", default=True, help="Let customers call who is ready.")
@own_flag("--write-ca", type=click.Path(path_type=Path, dir_okay=False), help="Copy the CA certificate here.")
@own_flag("--log-level", type=LOG_LEVELS, default="WARNING", help="What goes to stderr.")
def simulate(
    host: str,
    port: int,
    tcp_port: int,
    platform: Literal["UCCE", "UCCX"],
    routing: Literal["all", "latest"],
    request_ids: Literal["all", "sparse"],
    nodes: int,
    customers: bool,
    write_ca: Path | None,
    log_level: str,
) -> None:
    """Run a simulated Finesse until Ctrl-C: REST, WebSocket and XMPP, by the documented rules.

    Agents 1001, 1002 and 1003 (extensions 4501 to 4503) and supervisor 1000 (4500) have the password "secret".
    """
    log_to_stderr(log_level)
    settings = SimulatorSettings(
        host=host,
        port=port,
        tcp_port=tcp_port,
        platform=platform,
        bare_jid_routing=routing,
        request_ids=request_ids,
    )
    run_async(_simulate_one if nodes == 1 else _simulate_two, settings, customers, write_ca)


async def _simulate_one(settings: SimulatorSettings, customers: bool, write_ca: Path | None) -> None:
    async with simulated(settings, customers=customers) as simulator:
        await _run(f"Finesse is simulated at {_addresses(simulator)}", simulator, write_ca)


async def _simulate_two(settings: SimulatorSettings, customers: bool, write_ca: Path | None) -> None:
    async with simulated_pair(settings, customers=customers) as pair:
        told = (
            f"Finesse is simulated at {_addresses(pair.a)}"
            f"Its second node is simulated at {_addresses(pair.b)}"
        )
        await _run(told, pair.a, write_ca)


def _addresses(simulator: Simulator) -> str:
    return (
        f"{simulator.url}.\n"
        f"Its Notification Service: {simulator.ws_url}, {simulator.bosh_url}, "
        f"xmpps://{':'.join(map(str, simulator.tcp_address))}.\n"
    )


async def _run(told: str, simulator: Simulator, write_ca: Path | None) -> None:
    """Say where Finesse is, and how to use it, and wait for the end."""
    async with anyio.create_task_group() as tasks:
        told_to_end = await tasks.start(_listen_for_the_end)
        ca_file = simulator.ca_file if write_ca is None else _copy_ca(simulator, write_ca)
        click.echo(
            f"{told}"
            f"Its certificate was signed by {ca_file}.\n\n"
            "Let the server use it:\n"
            f"  FINESSE_URL={simulator.url} FINESSE_USER=1001 FINESSE_PASSWORD=secret \\\n"
            f"  FINESSE_CA_FILE={ca_file} mcp-finesse serve\n\nCtrl-C ends it."
        )
        await told_to_end.wait()
        tasks.cancel_scope.cancel()


def _copy_ca(simulator: Simulator, target: Path) -> Path:
    try:
        shutil.copyfile(simulator.ca_file, target)
    except OSError as error:
        raise ConfigurationError(
            f"The CA certificate cannot be written to {target}: {error.strerror}.",
            advice="Give --write-ca a file in a folder that exists and may be written to.",
        ) from error
    return target


async def _listen_for_the_end(
    *, task_status: anyio.abc.TaskStatus[anyio.Event] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Hand out an event that Ctrl-C or SIGTERM sets. Windows has no such signals in an event loop."""
    told = anyio.Event()
    if sys.platform == "win32":
        task_status.started(told)
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started(told)
        async for _ in signals:
            told.set()
