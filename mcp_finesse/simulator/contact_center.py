"""The contact centre: one object that the doors (REST, Notification Service), tests and the demo talk to."""

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
from mcp_finesse.simulator.errors import CtiError
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.node import FinesseNode
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
from mcp_finesse.simulator.state_snapshot import media_truth, task_truth, truth
from mcp_finesse.simulator.system_info import Address
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.timing import Clock, Later
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.platforms import PLATFORMS
from mcp_finesse.simulator.world.world import World, default_world

ID_ON_THE_WAY = frozenset({"TRANSFER_SST", "TRANSFER", "CONFERENCE", "CONSULT_CALL"})
"""Actions of which an intermediate event carries the request id where ids are sparse."""


class ContactCenter:
    """Agents, calls and their rules, and the Finesse nodes that see them. Nothing touches a socket or sleeps.

    Args:
        later: does everything that takes time.
        clock: seconds since the epoch.
        settings: platform, delay between 202 and outcome, time scale.
        world: who and what there is; the default is that of ``default_world``.

    Attributes:
        nodes: the Finesse servers, the primary one first.
        cti_is_silent: CTI is lost and no node has noticed it yet.
        users: takes requests on User objects.
        calls: takes requests on calls.
        supervision: takes what supervisors ask about calls.
        tasks: work on nonvoice media.
        task_requests: takes requests on it.
        team_messages: what supervisors told their teams.
        client_logs: what desktops sent.
        queues: who belongs to which queue, and what their feeds tell.
        outbound: the dialer, and what became of the records of campaigns.
        customers: plays everybody who is not an agent.
        floor: the state of agents and calls.
        feeds: the pubsub nodes.
        configuration: what administrators set.
        attempts: every try to authenticate, over REST and XMPP, newest last.
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
        self.cti_is_silent = False
        self._clock = clock
        self._later = later
        rules = PLATFORMS[self.settings.platform]
        self.feeds = Feeds(self.world, rules)
        self.floor = ContactCenterState(self.world, rules, clock, later, self.settings.time_scale)
        self.floor.recorded_shapes = self.settings.request_ids == "sparse"
        self.floor.changed = lambda request_id: self.announce(Cause(request_id))
        self.configuration = Configuration(self.world, self.settings, clock)
        enforce(self.configuration)
        self.configuration.changed = self._configured
        self._setup = CallSetup(self.floor)
        self.users = UserRequests(self.floor, self._tell_user, self.announce)
        control = CallControl(self.floor, self._setup)
        data_rules = CallDataRules(self.world.ecc_variables)
        self.calls = CallRequests(self.floor, self.users, self._setup, control, data_rules)
        self.supervision = SupervisionRequests(self.floor, self.users, Supervision(self.floor))
        self.outbound = Outbound(self.floor, self._setup)
        self.calls.more |= self.supervision.checks() | OutboundRequests(self.outbound).checks()
        self.queues = QueueBoard(self.floor, self._tell)
        self.tasks = TaskBoard(self.floor)
        self.tasks.changed = self.floor.changed
        self.task_requests = TaskRequests(self.floor, self.users, self.tasks)
        self.customers = CustomerActions(self.floor, self._setup, self.outbound, self.tasks, self.users)
        self.team_messages = TeamMessages(self.floor, self._tell)
        self.client_logs = ClientLogs()
        self._queue = RequestQueue(later, lambda: self.settings.delay)
        passwords = {record.id: record.password for record in self.world.agents}
        self._authentication = Authentication(passwords, clock, self.settings.time_scale)
        self.attempts = self._authentication.attempts

    def _configured(self) -> None:
        self.floor.codes.codes = self.configuration.codes_of_agents()

    @property
    def addresses(self) -> list[Address]:
        """The addresses of all nodes, the primary one first."""
        return [node.address for node in self.nodes]

    def add_node(self, settings: SimulatorSettings, faults: Faults) -> FinesseNode:
        """One more Finesse server for this contact centre; the first is the primary one."""
        node = FinesseNode(self, settings, faults, self._clock, self._later)
        self.nodes.append(node)
        return node

    # Identity and feeds

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check an id and a password, and count the attempt."""
        return self._authentication.check(user_id, password)

    # Service state

    @property
    def in_service(self) -> bool:
        """Whether any node is in service."""
        return any(node.in_service for node in self.nodes)

    def set_in_service(self, in_service: bool, reason: str = "CTI server is unreachable") -> None:
        """CTI is lost on every node, or comes back and the last state of everything is published.

        Pending states of agents do not survive it.
        """
        self.cti_is_silent = False
        if not in_service:
            self._forget_pending()
        for node in self.nodes:
            node.set_in_service(in_service, reason)
        if in_service:
            self.announce()

    def lose_cti_unnoticed(self) -> None:
        """CTI is lost and nobody knows: nothing is told, what would change something is answered with 500.

        ``set_in_service(False)`` is when the nodes notice, ``set_in_service(True)`` a recovery before that.
        """
        self.cti_is_silent = True
        self._forget_pending()

    def _forget_pending(self) -> None:
        for agent in self.floor.agents.values():
            agent.pending = None

    # Requests of agents, already checked

    def carry_out(
        self,
        job: Job,
        request_id: str = "",
        done: Callable[[], None] = lambda: None,
        node: FinesseNode | None = None,
    ) -> None:
        """Queue a job for CTI: it waits for its object and its device, then for ``settings.delay``.

        ``done`` is called when the outcome has been published. ``node`` is the one that was asked, the
        primary one if none is named.
        """
        asked = node or self.nodes[0]
        known_id = asked.remember(request_id)
        sparse = self.settings.request_ids == "sparse"
        intermediate = asked.faults.take_intermediate()
        if intermediate or (sparse and known_id and job.action in ID_ON_THE_WAY):
            self._queue.put(job.keys, lambda: asked.tell_unchanged(job, known_id))
        outcome_id = "" if intermediate or sparse else known_id
        self._queue.put(job.keys, lambda: self._finish(job, outcome_id, known_id, done, asked))

    def _finish(
        self, job: Job, outcome_id: str, error_id: str, done: Callable[[], None], asked: FinesseNode
    ) -> None:
        try:
            self._run(job, outcome_id, error_id, asked)
        finally:
            done()

    def _run(self, job: Job, outcome_id: str, error_id: str, asked: FinesseNode) -> None:
        if failure := asked.faults.take_failure(job.action):
            asked.tell_error(job, failure.words, error_id if failure.with_request_id else "")
            return
        self.floor.asked = asked.life
        try:
            job.run(outcome_id)
        except CtiError as error:
            asked.tell_error(job, error.words, error_id)
        finally:
            self.floor.asked = None

    # Announcing

    def announce(self, cause: Cause = UNSOLICITED) -> None:
        """Everybody reacts to what changed, is told, and waiting calls find the agents now READY."""
        self.floor.settle()
        self.tasks.follow()
        for node in self.nodes:
            node.announce(cause)
        self.queues.follow()
        if self._setup.route() or self.tasks.offer_next():
            self.announce()

    def _tell_user(self, agent: Agent, request_id: str) -> None:
        for node in self.nodes:
            node.tell_user(agent, request_id)

    def _tell(self, publication: Publication) -> None:
        for node in self.nodes:
            node.tell(publication)

    # Colleagues, and the truth

    def colleague(self, user_id: str) -> ScriptedAgent:
        """An agent played by a test or the demo, under the same rules as over REST."""
        return ScriptedAgent(self, self.floor.agents[user_id])

    def truth(self) -> dict[str, Any]:
        """A plain snapshot of users and dialogs, to compare with what a client believes."""
        return truth(self.floor, self.in_service) | {
            "records": self.outbound.truth(),
            "media": media_truth(self.tasks),
            "messages": self.team_messages.truth(),
            "tasks": task_truth(self.tasks),
            "queues": {queue.id: statistics(queue, self.floor) for queue in self.world.queues},
        }
