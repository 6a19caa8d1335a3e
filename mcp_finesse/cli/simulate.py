"""``mcp-finesse simulate`` runs a simulated Finesse for any client."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio
import anyio.abc
import click

from mcp_finesse import signals
from mcp_finesse.cli.async_main import run_async
from mcp_finesse.cli.options import LOG_LEVELS, NumberRange, command_flag, log_to_stderr
from mcp_finesse.cli.scenario_files import ScenarioRun, open_scenario
from mcp_finesse.cli.simulation import AGENT, PASSWORD, simulated, simulated_pair, web_console
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.settings import default_state_dir
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.scenarios.definition.sections import MAX_SPEED
from mcp_finesse.simulator.settings import AuthMode, Platform
from mcp_finesse.simulator.sign_on import fetch_token


@click.command()
@command_flag("--host", default="127.0.0.1", help="Address to listen on.")
@command_flag(
    "--port",
    type=click.IntRange(0, 65535),
    default=8445,
    help="Port of REST, WebSocket and BOSH; 0 chooses a free port.",
)
@command_flag(
    "--tcp-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of XMPP over TCP; 0 chooses a free port.",
)
@command_flag(
    "--platform",
    type=click.Choice(["UCCE", "UCCX"]),
    default="UCCE",
    help="Contact center platform to simulate.",
)
@command_flag(
    "--routing",
    type=click.Choice(["all", "latest"]),
    default="all",
    help="Deliver automatic feeds to every session of an agent, or only to the latest session.",
)
@command_flag(
    "--request-ids",
    type=click.Choice(["all", "sparse"]),
    default="all",
    help=(
        "Which events carry the request id: all, or only those that carry one on a real system "
        "(sparse). With sparse, the end of a call is also published as on a real system."
    ),
)
@command_flag(
    "--nodes",
    type=click.IntRange(1, 2),
    default=1,
    help="Number of nodes. The second node listens on the next port, or on a free port if --port is 0.",
)
@command_flag(
    "--sso",
    type=click.Choice(["off", "all", "hybrid"]),
    default="off",
    help="Single sign-on with tokens: all for every agent, hybrid for agent 1001 only (UCCE).",
)
@command_flag(
    "--token-seconds", type=click.IntRange(1, 86400), default=300, help="Lifetime of an access token."
)
@command_flag("--customers/--no-customers", default=True, help="Let customers call agents who are ready.")
@command_flag("--console/--no-console", default=True, help="Serve the web console on this machine.")
@command_flag(
    "--console-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of the web console; 0 chooses a free port.",
)
@command_flag(
    "--scenario",
    metavar="NAME|FILE",
    help="Run a scenario: the name of a scenario of the package, or a file.",
)
@command_flag(
    "--speed",
    type=NumberRange(0.1, MAX_SPEED),
    help="Seconds of the scenario, and of all timers, in each real second. Default: the speed in the scenario.",
)
@command_flag(
    "--write-ca",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the CA certificate to this file instead of the state folder.",
)
@command_flag("--log-level", type=LOG_LEVELS, default="WARNING", help="Log level for stderr.")
def simulate(
    host: str,
    port: int,
    tcp_port: int,
    platform: Literal["UCCE", "UCCX"],
    routing: Literal["all", "latest"],
    request_ids: Literal["all", "sparse"],
    nodes: int,
    sso: Literal["off", "all", "hybrid"],
    token_seconds: int,
    customers: bool,
    console: bool,
    console_port: int,
    scenario: str | None,
    speed: float | None,
    write_ca: Path | None,
    log_level: str,
) -> None:
    """Run a simulated Finesse with REST, WebSocket, BOSH and XMPP over TCP, until Ctrl-C.

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
        auth_mode=_AUTH_MODES[sso],
        token_seconds=token_seconds,
    )
    run = _scenario_run(scenario, speed, platform)
    options = _Options(customers, run, console_port if console else None, write_ca)
    needed = nodes if run is None else max(nodes, run.definition.scenario.nodes)
    run_async(_simulate_one if needed == 1 else _simulate_two, settings, options)


@dataclass(frozen=True, slots=True)
class _Options:
    """What runs beside the simulated Finesse.

    Attributes:
        customers: Whether customers call the agents. A scenario replaces them.
        scenario: The scenario to run, if any.
        console_port: The port of the web console; None for no console.
        write_ca: The file for the CA certificate; None for the state folder.
    """

    customers: bool
    scenario: ScenarioRun | None
    console_port: int | None
    write_ca: Path | None


def _scenario_run(scenario: str | None, speed: float | None, platform: Platform) -> ScenarioRun | None:
    if scenario is None:
        if speed is not None:
            raise click.UsageError("--speed requires --scenario.")
        return None
    definition = open_scenario(scenario, platform)
    return ScenarioRun(definition, speed or definition.scenario.speed)


_AUTH_MODES: dict[str, AuthMode] = {"off": "NON_SSO", "all": "SSO", "hybrid": "HYBRID"}


async def _simulate_one(settings: SimulatorSettings, options: _Options) -> None:
    async with (
        simulated(settings, customers=options.customers, scenario=options.scenario) as simulator,
        web_console([simulator], options.console_port) as console,
    ):
        await _run(f"{console}Simulated Finesse at {_addresses(simulator)}", simulator, options)


async def _simulate_two(settings: SimulatorSettings, options: _Options) -> None:
    async with (
        simulated_pair(settings, customers=options.customers, scenario=options.scenario) as pair,
        web_console([pair.a, pair.b], options.console_port) as console,
    ):
        addresses = f"Simulated Finesse at {_addresses(pair.a)}Second simulated node at {_addresses(pair.b)}"
        await _run(f"{console}{addresses}", pair.a, options)


def _addresses(simulator: Simulator) -> str:
    return (
        f"{simulator.url}.\n"
        f"Notification Service: {simulator.ws_url}, {simulator.bosh_url}, "
        f"xmpps://{':'.join(map(str, simulator.tcp_address))}.\n"
    )


def _introduction(run: ScenarioRun | None) -> str:
    if run is None:
        return ""
    scenario = run.definition.scenario
    minutes = scenario.duration / run.speed / 60
    heading = f"Scenario: {scenario.title}, {minutes:.1f} minutes at speed {run.speed:g}."
    return f"{heading}\n{scenario.description.strip()}\n\n"


async def _run(addresses: str, simulator: Simulator, options: _Options) -> None:
    """Print the addresses and instructions for using them. Then wait for Ctrl-C or SIGTERM."""
    scenario, write_ca = options.scenario, options.write_ca
    async with anyio.create_task_group() as tasks:
        stop_requested = await tasks.start(_stop_on_signal)
        ca_file = _stable_ca(simulator) if write_ca is None else _copy_ca(simulator, write_ca)
        agent = AGENT if scenario is None else scenario.choose_agent(AGENT)
        click.echo(
            f"{_introduction(scenario)}{addresses}CA certificate: {ca_file}.\n\n"
            f"{_instructions(simulator, ca_file, agent)}"
        )
        await stop_requested.wait()
        tasks.cancel_scope.cancel()


def _instructions(simulator: Simulator, ca_file: Path, agent: str) -> str:
    """Return the commands to use, and the configuration entry for an MCP client."""
    secret = {"FINESSE_PASSWORD": PASSWORD}
    if simulator.settings.auth_mode != "NON_SSO":
        secret = {"FINESSE_TOKEN_COMMAND": json.dumps(token_command(simulator, ca_file, agent))}
    settings = {
        "FINESSE_URL": simulator.url,
        "FINESSE_USER": agent,
        **secret,
        "FINESSE_CA_FILE": str(ca_file),
    }
    shell = " \\\n  ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items()) + " \\\n "
    entry = {"mcpServers": {"finesse": {"command": _own_path(), "args": ["serve"], "env": settings}}}
    return (
        f"Watch the notifications of the simulated Finesse:\n  {shell} mcp-finesse watch\n\n"
        f"Serve the simulated Finesse to an MCP client over HTTP:\n  {shell} mcp-finesse serve --transport http\n\n"
        f"Or let an MCP client start the MCP server, with this configuration "
        f"entry:\n{json.dumps(entry, indent=2)}\n\n"
        "Press Ctrl-C to end."
    )


def token_command(simulator: Simulator, ca_file: Path, agent: str) -> list[str]:
    """Return a token command that fetches tokens of a simulated agent."""
    return [sys.executable, "-m", fetch_token.__name__, simulator.url, agent, str(ca_file)]


def _own_path() -> str:
    """Return the full path of this command, because MCP clients often have a shorter PATH than a shell."""
    return shutil.which(sys.argv[0]) or "mcp-finesse"


def _stable_ca(simulator: Simulator) -> Path:
    """Copy the CA certificate to a path that depends only on the port, so that clients can keep their settings.

    The copy remains when the simulator ends. The copy is not secret, because the private key of the authority
    is never written to a file. Port 0 chooses another port each time, so with port 0 the simulator's own file
    is used.
    """
    if simulator.settings.port == 0:
        return simulator.ca_file
    target = default_state_dir() / f"simulator-{simulator.settings.port}-ca.pem"
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _copy_ca(simulator, target)
    except (OSError, ConfigurationError):
        return simulator.ca_file


def _copy_ca(simulator: Simulator, target: Path) -> Path:
    try:
        shutil.copyfile(simulator.ca_file, target)
    except OSError as error:
        raise ConfigurationError(
            f"The CA certificate cannot be written to {target}: {error.strerror}.",
            advice="Set --write-ca to a file in an existing folder that you can write to.",
        ) from error
    return target


async def _stop_on_signal(
    *, task_status: anyio.abc.TaskStatus[anyio.Event] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Provide an event that Ctrl-C or SIGTERM sets."""
    stop_requested = anyio.Event()
    with signals.receiving(stop_requested.set):
        task_status.started(stop_requested)
        await anyio.sleep_forever()
