"""A simulated Finesse inside this process, for ``simulate``, ``--simulator`` and the demo."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
from pydantic import SecretStr

from mcp_finesse.cli.scenario_files import ScenarioRun
from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.session import SessionConfig
from mcp_finesse.session.state.journal import MEMORY
from mcp_finesse.settings import Settings
from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.console import Console
from mcp_finesse.simulator.scenarios.customers import customers_call
from mcp_finesse.simulator.scenarios.driver import ScenarioDriver, run_scenario
from mcp_finesse.simulator.scenarios.working_agent import agent_works
from mcp_finesse.simulator.world.world import World
from mcp_finesse.xmpp import PresencePriority

AGENT = "1001"
ADMINISTRATOR = "admin"
PASSWORD = "secret"  # noqa: S105 - the documented password of all simulated users


@asynccontextmanager
async def simulated(
    settings: SimulatorSettings, *, customers: bool = False, scenario: ScenarioRun | None = None
) -> AsyncIterator[Simulator]:
    """Run a simulator while the context is active.

    Args:
        settings: settings of the simulated node.
        customers: whether customers call agents who are ready. In a scenario, only its own customers call.
        scenario: the scenario to run.

    Raises:
        ConfigurationError: the simulator failed to listen on its address.
    """
    simulator = Simulator(*_at_speed(settings, scenario))
    async with _running(simulator, [simulator], customers, scenario):
        yield simulator


@asynccontextmanager
async def simulated_pair(
    settings: SimulatorSettings, *, customers: bool = False, scenario: ScenarioRun | None = None
) -> AsyncIterator[SimulatorPair]:
    """Run two nodes of one contact center while the context is active.

    Args:
        settings: settings of the primary node.
        customers: whether customers call agents who are ready. In a scenario, only its own customers call.
        scenario: the scenario to run.

    Raises:
        ConfigurationError: a node failed to listen on its address.
    """
    pair = SimulatorPair(*_at_speed(settings, scenario))
    async with _running(pair, [pair.a, pair.b], customers, scenario):
        yield pair


def _at_speed(
    settings: SimulatorSettings, scenario: ScenarioRun | None
) -> tuple[SimulatorSettings, World | None]:
    """Return the settings and the contact center for a scenario, whose speed applies to all timers."""
    if scenario is None:
        return settings, None
    return replace(settings, time_scale=1 / scenario.speed), scenario.definition.world


@asynccontextmanager
async def _running(
    simulation: Simulator | SimulatorPair,
    nodes: Sequence[Simulator],
    customers: bool,
    scenario: ScenarioRun | None,
) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(simulation)
        except OSError as error:
            ports = " or ".join(str(node.settings.port) for node in nodes)
            raise ConfigurationError(
                f"Cannot listen on {nodes[0].settings.host} port {ports}: {error.strerror}.",
                advice="Choose another address, or end the program that uses this address.",
            ) from error
        tasks = await stack.enter_async_context(anyio.create_task_group())
        if scenario is not None:
            driver = ScenarioDriver(scenario.definition, simulation.center, nodes)
            tasks.start_soon(run_scenario, driver, scenario.speed)
        elif customers:
            tasks.start_soon(customers_call, simulation.center)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def web_console(nodes: Sequence[Simulator], port: int | None) -> AsyncIterator[str]:
    """Serve the web console of running nodes while the context is active, unless the port is ``None``.

    Yields:
        The line with the address. Empty without a console.

    Raises:
        ConfigurationError: the port is in use.
    """
    if port is None:
        yield ""
        return
    async with AsyncExitStack() as stack:
        try:
            console = await stack.enter_async_context(Console(nodes, port))
        except OSError as error:
            raise ConfigurationError(
                f"The web console cannot listen on port {port}: {error.strerror}.",
                advice="Set --console-port to another port, or 0 for a free port.",
            ) from error
        yield f"Open the web console in a browser:\n  {console.address}\n\n"


def simulated_config(
    simulator: Simulator,
    state_dir: Path,
    *,
    xmpp_transport: str = "auto",
    presence_priority: PresencePriority = "auto",
    journal_size: int = 1000,
    journal_memory: int = MEMORY,
    read_only: bool = False,
) -> SessionConfig:
    """Return the session configuration for the simulated agent, which trusts the simulator's certificate."""
    host, port = simulator.tcp_address
    return SessionConfig(
        url=simulator.url,
        credentials=Credentials(AGENT, SecretStr(PASSWORD)),
        administrator=Credentials(ADMINISTRATOR, SecretStr(PASSWORD)),
        state_dir=state_dir,
        make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
        notification_urls=(simulator.ws_url, simulator.bosh_url, f"xmpps://{host}:{port}"),
        xmpp_transport=xmpp_transport,
        presence_priority=presence_priority,
        journal_size=journal_size,
        journal_memory=journal_memory,
        read_only=read_only,
    )


@asynccontextmanager
async def practice_simulator(settings: Settings) -> AsyncIterator[SessionConfig]:
    """Run a simulator while the context is active. Its customers call the agent when the agent is READY."""
    async with simulated(SimulatorSettings(), customers=True) as simulator:
        yield _agent_config(simulator, settings)


@asynccontextmanager
async def scripted_simulator(settings: Settings) -> AsyncIterator[SessionConfig]:
    """Run a simulator in which a scripted agent answers customers, while the context is active."""
    async with (
        simulated(SimulatorSettings(), customers=True) as simulator,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(agent_works, simulator.center, AGENT)
        yield _agent_config(simulator, settings)
        tasks.cancel_scope.cancel()


def _agent_config(simulator: Simulator, settings: Settings) -> SessionConfig:
    return simulated_config(
        simulator,
        settings.state_dir,
        xmpp_transport=settings.xmpp_transport,
        presence_priority=settings.presence_priority,
        journal_size=settings.journal_size,
        journal_memory=settings.journal_memory * 2**20,
        read_only=settings.read_only,
    )
