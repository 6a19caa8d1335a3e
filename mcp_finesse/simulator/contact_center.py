"""The contact center, which is the object that REST, the Notification Service, tests and the demo use."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mcp_finesse.simulator.authentication import Authentication
from mcp_finesse.simulator.calls.control import CallControl
from mcp_finesse.simulator.calls.data import CallDataRules
from mcp_finesse.simulator.calls.outbound import Outbound
from mcp_finesse.simulator.calls.setup import CallSetup
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.calls.supervision import Supervision
from mcp_finesse.simulator.client_logs import ClientLogs
from mcp_finesse.simulator.configuration import Configuration, enforce
from mcp_finesse.simulator.customer_actions import CustomerActions
from mcp_finesse.simulator.errors import CtiError, ErrorDetails
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.node import FinesseNode
from mcp_finesse.simulator.observer import Observer
from mcp_finesse.simulator.publishing.announcements import UNSOLICITED, Cause
from mcp_finesse.simulator.publishing.feeds import Feeds
from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.publishing.queue_board import QueueBoard
from mcp_finesse.simulator.publishing.queue_statistics import statistics
from mcp_finesse.simulator.publishing.team_messages import TeamMessages
from mcp_finesse.simulator.requests.calls import CallRequests
from mcp_finesse.simulator.requests.outbound import OutboundRequests
from mcp_finesse.simulator.requests.queue import RequestQueue
from mcp_finesse.simulator.requests.requests import Job, UserRequests
from mcp_finesse.simulator.requests.supervision import SupervisionRequests
from mcp_finesse.simulator.requests.tasks import TaskRequests
from mcp_finesse.simulator.scripted_agent import ScriptedAgent
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.sign_on.tokens import Tokens
from mcp_finesse.simulator.state_snapshot import media_snapshot, snapshot, task_snapshot
from mcp_finesse.simulator.system_info import Address
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.timing import Clock, Later
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.platforms import PLATFORMS
from mcp_finesse.simulator.world.world import World, default_world

INTERMEDIATE_EVENT_ACTIONS = frozenset({"TRANSFER_SST", "TRANSFER", "CONFERENCE", "CONSULT_CALL"})
"""Actions that cause an intermediate event with their request id if the setting ``request_ids`` is ``sparse``."""


class ContactCenter:
    """The agents, the calls and their rules, and the attached Finesse nodes. No method uses sockets or sleeps.

    Args:
        later: schedules a function to run later.
        clock: seconds since the epoch.
        settings: platform, delay between 202 and outcome, time scale.
        world: the initial configuration. The default is ``default_world``.

    Attributes:
        nodes: the Finesse nodes. The primary node comes first.
        cti_is_silent: whether CTI is lost although no node has noticed the loss yet.
        users: handles requests on User objects.
        calls: handles requests on calls.
        supervision: handles requests of supervisors on calls.
        tasks: tasks on digital channels.
        task_requests: handles requests on tasks.
        team_messages: messages that supervisors sent to their teams.
        client_logs: logs uploaded by desktops.
        queues: assigns agents to queues and publishes queue statistics.
        outbound: the dialer and the outcome of each campaign record.
        customers: an object that acts for all parties that are not agents.
        state: the state of agents and calls.
        feeds: the pubsub nodes.
        configuration: the objects that administrators configure.
        tokens: the tokens of agents with single sign-on.
        attempts: every authentication attempt over REST and XMPP, newest last.
        observers: objects that follow what happens, such as the journal of the console.
    """

    def __init__(
        self,
        *,
        later: Later,
        clock: Clock = time.time,
        settings: SimulatorSettings | None = None,
        world: World | None = None,
    ) -> None:
        self.settings = settings or SimulatorSettings()
        self.world = world or default_world()
        self.nodes: list[FinesseNode] = []
        self.observers: list[Observer] = []
        self.cti_is_silent = False
        self._clock = clock
        self._later = later
        rules = PLATFORMS[self.settings.platform]
        self.feeds = Feeds(self.world, rules)
        self.state = ContactCenterState(self.world, rules, clock, later, self.settings.time_scale)
        self.state.recorded_shapes = self.settings.request_ids == "sparse"
        self.state.changed = lambda request_id: self.announce(Cause(request_id))
        self.configuration = Configuration(self.world, self.settings, clock)
        enforce(self.configuration)
        self.configuration.changed = self._configured
        self._setup = CallSetup(self.state)
        self.users = UserRequests(self.state, self._publish_user, self.announce)
        control = CallControl(self.state, self._setup)
        data_rules = CallDataRules(self.world.ecc_variables)
        self.calls = CallRequests(self.state, self.users, self._setup, control, data_rules)
        self.supervision = SupervisionRequests(self.state, self.users, Supervision(self.state))
        self.outbound = Outbound(self.state, self._setup)
        self.calls.more |= self.supervision.checks() | OutboundRequests(self.outbound).checks()
        self.queues = QueueBoard(self.state, self._publish_on_all_nodes)
        self.tasks = TaskBoard(self.state)
        self.tasks.changed = self.state.changed
        self.task_requests = TaskRequests(self.state, self.users, self.tasks)
        self.customers = CustomerActions(self.state, self._setup, self.outbound, self.tasks, self.users)
        self.team_messages = TeamMessages(self.state, self._publish_on_all_nodes)
        self.client_logs = ClientLogs()
        self._queue = RequestQueue(later, lambda: self.settings.delay)
        passwords = {record.id: record.password for record in self.world.agents}
        users = {"NON_SSO": (), "SSO": passwords, "HYBRID": self.settings.sso_users}[self.settings.auth_mode]
        self.tokens = Tokens(users, clock, self.settings.token_seconds)
        self._authentication = Authentication(passwords, clock, self.settings.time_scale, self.tokens)
        self.attempts = self._authentication.attempts

    def _configured(self) -> None:
        self.state.codes.codes = self.configuration.codes_of_agents()

    @property
    def addresses(self) -> list[Address]:
        """The addresses of all nodes. The address of the primary node comes first."""
        return [node.address for node in self.nodes]

    def add_node(self, settings: SimulatorSettings, faults: Faults) -> FinesseNode:
        """Add a Finesse node to this contact center. The first node is the primary node."""
        node = FinesseNode(self, settings, faults, self._clock, self._later)
        self.nodes.append(node)
        return node

    # Identity and feeds

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password, and count the attempt."""
        return self._authentication.check(user_id, password)

    # Service state

    @property
    def in_service(self) -> bool:
        """Whether at least one node is in service."""
        return any(node.in_service for node in self.nodes)

    def set_in_service(self, in_service: bool, reason: str = "CTI server is unreachable") -> None:
        """Lose CTI on every node. Or restore CTI, and publish the latest state of all objects.

        Losing CTI discards the pending states of agents.
        """
        self.cti_is_silent = False
        if not in_service:
            self._forget_pending()
        for node in self.nodes:
            node.set_in_service(in_service, reason)
        if in_service:
            self.announce()

    def lose_cti_unnoticed(self) -> None:
        """Lose CTI without any node noticing. Nothing is published, and requests for changes get status 500.

        Afterwards call ``set_in_service(False)`` to let the nodes notice the loss. Or call
        ``set_in_service(True)`` to restore CTI before the nodes notice the loss.
        """
        self.cti_is_silent = True
        self._forget_pending()

    def _forget_pending(self) -> None:
        for agent in self.state.agents.values():
            agent.pending = None

    # Validated requests of agents

    def carry_out(
        self,
        job: Job,
        request_id: str = "",
        done: Callable[[], None] = lambda: None,
        node: FinesseNode | None = None,
    ) -> None:
        """Queue a job for CTI. The job runs ``settings.delay`` seconds after both its object and its device are free.

        Args:
            job: the job.
            request_id: the id of the request, which is copied to its notifications.
            done: a function that is called when the outcome has been published.
            node: the node that received the request. The default is the primary node.
        """
        receiving_node = node or self.nodes[0]
        for observer in self.observers:
            observer.command_queued(job, request_id)
        known_id = receiving_node.remember(request_id)
        sparse = self.settings.request_ids == "sparse"
        intermediate = receiving_node.faults.take_intermediate()
        if intermediate or (sparse and known_id and job.action in INTERMEDIATE_EVENT_ACTIONS):
            self._queue.put(job.keys, lambda: receiving_node.publish_unchanged(job, known_id))
        outcome_id = "" if intermediate or sparse else known_id
        self._queue.put(job.keys, lambda: self._finish(job, outcome_id, known_id, done, receiving_node))

    def _finish(
        self, job: Job, outcome_id: str, error_id: str, done: Callable[[], None], receiving_node: FinesseNode
    ) -> None:
        try:
            self._run(job, outcome_id, error_id, receiving_node)
        finally:
            done()

    def _run(self, job: Job, outcome_id: str, error_id: str, receiving_node: FinesseNode) -> None:
        if failure := receiving_node.faults.take_failure(job.action):
            self._reject(job, failure.details, error_id if failure.with_request_id else "", receiving_node)
            return
        self.state.receiving_node = receiving_node.incarnation
        try:
            job.run(outcome_id)
        except CtiError as error:
            self._reject(job, error.details, error_id, receiving_node)
        finally:
            self.state.receiving_node = None

    def _reject(self, job: Job, details: ErrorDetails, request_id: str, receiving_node: FinesseNode) -> None:
        for observer in self.observers:
            observer.command_rejected(job, details, request_id)
        receiving_node.publish_error(job, details, request_id)

    # Publishing

    def announce(self, cause: Cause = UNSOLICITED) -> None:
        """Update agents and tasks, publish the changes, and offer waiting calls and tasks to READY agents."""
        self.state.update_agents()
        self.tasks.follow()
        for observer in self.observers:
            observer.state_changed(cause.request_id)
        for node in self.nodes:
            node.announce(cause)
        self.queues.follow()
        if self._setup.route() or self.tasks.offer_next():
            self.announce()

    def _publish_user(self, agent: Agent, request_id: str) -> None:
        for node in self.nodes:
            node.publish_user(agent, request_id)

    def _publish_on_all_nodes(self, publication: Publication) -> None:
        for node in self.nodes:
            node.relay(publication)

    # For tests and the demo

    def colleague(self, user_id: str) -> ScriptedAgent:
        """Return an agent that a test or the demo controls. Its requests follow the same rules as REST requests."""
        return ScriptedAgent(self, self.state.agents[user_id])

    def truth(self) -> dict[str, Any]:
        """Return a snapshot of the actual state as plain values, for comparison with what a client reports."""
        return snapshot(self.state, self.in_service) | {
            "records": self.outbound.snapshot(),
            "media": media_snapshot(self.tasks),
            "messages": self.team_messages.snapshot(),
            "tasks": task_snapshot(self.tasks),
            "queues": {queue.id: statistics(queue, self.state) for queue in self.world.queues},
        }
