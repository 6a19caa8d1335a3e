"""One Finesse server: what it has of its own, beside the contact centre that all nodes share.

Every node is a CTI client by itself. It learns of every change and tells its own subscribers; only the node
that was asked knows the request id, and only it is told of a request that failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from mcp_finesse.simulator.authentication import CredentialCache
from mcp_finesse.simulator.calls.forced_logout import PresenceWatch
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import ApiProblem, ErrorWords
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.publishing.announcements import UNSOLICITED, Announcer, Cause
from mcp_finesse.simulator.publishing.feeds import Feeds
from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.publishing.task_announcements import TaskAnnouncer
from mcp_finesse.simulator.requests.requests import Job
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.system_info import CTI, Address, Maintenance, SystemInfo
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.timing import Clock, Later
from mcp_finesse.simulator.world.agents import Agent

NOTIFICATIONS = "Notification Service"
FINESSE = "Finesse"
REMEMBERED_IDS = 1000


class SharedState(Protocol):
    """What all nodes of a contact centre share: ``ContactCenter``."""

    @property
    def floor(self) -> ContactCenterState:
        """Agents and calls."""

    @property
    def tasks(self) -> TaskBoard:
        """Tasks of digital channels."""

    @property
    def feeds(self) -> Feeds:
        """The pubsub nodes, and who may subscribe to them."""

    @property
    def addresses(self) -> list[Address]:
        """The addresses of all nodes, the primary one first."""

    @property
    def cti_is_silent(self) -> bool:
        """CTI is lost and no node has noticed it yet."""

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check an id and a password, and count the attempt."""

    def announce(self) -> None:
        """Let agents and queues react to what changed, and publish it on all nodes."""


class FinesseNode:
    """The state of one node, without its sockets. Made by ``ContactCenter.add_node``.

    Attributes:
        settings: of this node.
        faults: what is to go wrong here.
        publish: receives every notification of this node; set by whoever runs its Notification Service.
        address: what SystemInfo says of where it is.
        system: the service state.
        life: another object after every loss of what only this node knew: CTI, or Finesse itself.
    """

    def __init__(
        self, center: SharedState, settings: SimulatorSettings, faults: Faults, clock: Clock, later: Later
    ) -> None:
        self.settings = settings
        self.faults = faults
        self.faults.on_out_of_service = self.set_in_service
        self.publish: Callable[[Publication], None] = lambda _publication: None
        self.address = Address(settings.domain)
        self.system = SystemInfo(settings, clock, lambda: center.addresses)
        self.life = object()
        self._center = center
        self._later = later
        self._announcer = Announcer(center.floor, self.emit, lambda: self.life)
        self._tasks = TaskAnnouncer(center.tasks, self.emit, lambda: self.life)
        self._presence = PresenceWatch(center.floor, lambda: self.in_service, center.announce)
        self._credentials = CredentialCache(center.authenticate, clock, settings.time_scale)
        self._asked: deque[str] = deque(maxlen=REMEMBERED_IDS)

    # Asked by the doors

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check an id and a password for XMPP, and count the attempt."""
        return self._center.authenticate(user_id, password)

    def authenticate_request(self, user_id: str, password: str) -> bool:
        """Check an id and a password for REST, and count the attempt.

        Raises:
            ApiProblem: 500 without the user database, for who is not in the cache.
        """
        return self._credentials.check(user_id, password) is AuthResult.OK

    def presence(self, user_id: str, available: bool) -> None:
        """The last session of a user here went (forced sign-out in 60 s), or the first one came."""
        if not self.halted:
            self._presence.change(user_id, available)

    def automatic_nodes(self, user_id: str) -> Iterable[str]:
        """Feeds that every session of a user gets without subscribing."""
        return self._center.feeds.automatic(user_id)

    def known_node(self, node: str) -> bool:
        """Whether a pubsub node of this name exists."""
        return self._center.feeds.known(node)

    def entitled(self, user_id: str, node: str) -> bool:
        """Whether REST would show a user what the node tells."""
        return self._center.feeds.entitled(user_id, node)

    def require_cti(self) -> None:
        """What is to change something needs CTI, whether or not its loss has been noticed.

        Raises:
            ApiProblem: 500 while it has not (resilience of Finesse: a 500 comes before the 503).
        """
        if self._center.cti_is_silent:
            raise ApiProblem(500, "Internal Server Error", "RUNTIME_EXCEPTION")

    # Telling

    def remember(self, request_id: str) -> str:
        """Note the id of a request that came here; hands it back, or an empty text where a fault drops it."""
        if not request_id or self.faults.drop_request_id:
            return ""
        self._asked.append(request_id)
        return request_id

    def announce(self, cause: Cause = UNSOLICITED) -> None:
        """Tell what has changed, unless this node cannot know it."""
        if self._hears_cti:
            known = self._known(cause.request_id)
            self._announcer.announce(Cause(known, cause.user_id))
            self._tasks.announce(known)

    def tell_user(self, agent: Agent, request_id: str = "") -> None:
        """Publish a User as it is, changed or not."""
        if self._hears_cti:
            self._announcer.tell_user(agent, self._known(request_id))

    def tell(self, publication: Publication) -> None:
        """Publish what the contact centre has to say."""
        if self._hears_cti:
            self.emit(publication)

    def tell_unchanged(self, job: Job, request_id: str) -> None:
        """Publish the object of a request as it was, as if something came in between."""
        if job.dialog_id:
            self._announcer.tell_dialog(job.user_id, job.dialog_id, request_id)
        else:
            self._announcer.tell_user(self._center.floor.agents[job.user_id], request_id)

    def tell_error(self, job: Job, words: ErrorWords, request_id: str) -> None:
        """A request that came here has failed."""
        if self._hears_cti:
            self._announcer.tell_error(job.node, job.source, job.user_id, words, request_id)

    def emit(self, publication: Publication) -> None:
        """Publish, as far as the faults let it through."""
        self.faults.deliver(publication, self.publish, self._later)

    @property
    def _hears_cti(self) -> bool:
        return self.in_service and not self._center.cti_is_silent

    def _known(self, request_id: str) -> str:
        return request_id if request_id in self._asked else ""

    # Service state

    @property
    def in_service(self) -> bool:
        """Whether this Finesse is in service; its REST answers 503 otherwise."""
        return self.system.in_service

    def set_in_service(self, in_service: bool, reason: str = "CTI server is unreachable") -> None:
        """Lose CTI here, or regain it."""
        if in_service:
            self.regain(CTI)
        else:
            self.lose(CTI, reason)

    def lose(self, part: str, reason: str) -> None:
        """Something that Finesse depends on is gone. Tells that it goes out of service, if it does by this."""
        if part == CTI:
            self.life = object()
        if self.system.lose(part, reason):
            self._announcer.tell_system_info(self.system.xml())
        if part == NOTIFICATIONS:
            self._presence.clear()

    def regain(self, part: str) -> None:
        """It is back. If nothing else is missing, tells that, and then the last state of everything."""
        if self.system.regain(part):
            self._announcer.tell_system_info(self.system.xml())
            self._announcer.announce(UNSOLICITED, everything=True)
            self._tasks.announce()

    @property
    def halted(self) -> bool:
        """Finesse itself does not run."""
        return self.system.misses(FINESSE)

    def halt(self, reason: str) -> None:
        """Finesse itself ends, without a word."""
        self.system.lose(FINESSE, reason)
        self._presence.clear()

    def boot(self) -> None:
        """A new Finesse process, which knows nothing of what an earlier one has told or was asked."""
        self.life = object()
        self._announcer = Announcer(self._center.floor, self.emit, lambda: self.life)
        self._tasks = TaskAnnouncer(self._center.tasks, self.emit, lambda: self.life)
        self._asked.clear()
        self._credentials.clear()
        self.regain(FINESSE)

    def maintain(self, phase: Maintenance | None) -> None:
        """Enter a phase of maintenance mode, or leave the mode with ``None``; told by an event.

        Raises:
            RuntimeError: CCX has no such mode.
        """
        self._require_cce("maintenance mode")
        self.system.maintain(phase)
        if not self.halted:
            self._announcer.tell_system_info(self.system.xml())

    def lose_user_database(self, lost: bool) -> None:
        """The database with the users (AWDB) goes, or comes back.

        Raises:
            RuntimeError: CCX has none.
        """
        self._require_cce("administration database of its own")
        self._credentials.database_is_lost = lost

    def _require_cce(self, what: str) -> None:
        if self.settings.platform != "UCCE":
            raise RuntimeError(f"CCX has no {what}; only CCE has")
