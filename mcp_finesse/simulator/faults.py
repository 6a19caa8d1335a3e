"""What can be made to go wrong. Holds the wishes of tests and of the demo; REST and publishing ask it.

Each ``n`` counts down: the next ``n`` events or requests are hit, then everything is well again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mcp_finesse.simulator.errors import ErrorWords
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.timing import Later

SWAP_SECONDS = 0.05
"""How long a notification is held back for the next one to overtake it."""

Publish = Callable[[Publication], None]


@dataclass(frozen=True, slots=True)
class Blow:
    """What hits one notification. Without a node it hits the next one of any user's own feeds."""

    kind: Literal["lose", "duplicate", "malformed", "swap"]
    node: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An asynchronous error to come. ``action`` is a requestedAction, an agent state, or ``*``."""

    action: str
    words: ErrorWords
    with_request_id: bool


@dataclass(frozen=True, slots=True)
class ForcedAnswer:
    """An HTTP answer in the place of Finesse's own.

    Attributes:
        carry_out: the request is carried out all the same, as when a proxy loses the answer.
        never: no answer comes until the client gives up.
        method: only for requests with this method, if one is given.
        path: only for requests whose path contains this text.
    """

    status: int = 200
    body: str = ""
    content_type: str = "application/xml"
    carry_out: bool = False
    never: bool = False
    method: str = ""
    path: str = ""

    def fits(self, method: str, path: str) -> bool:
        """Whether it is meant for such a request."""
        return self.method in ("", method) and self.path in path


HTML_PAGE = "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>"


class Faults:
    """Everything that is to go wrong.

    Attributes:
        silent: the Notification Service answers no ping (and nothing else) but stays connected.
        no_finesse_presence: presence of ``finesse@domain`` never comes.
        drop_request_id: notifications carry an empty requestId.
        event_before_answer: the notification leaves before the 202 does.
        event_delay: seconds every notification is late.
        on_kill_links: called by ``kill_links``; set by the simulator.
        on_out_of_service: called by ``out_of_service`` with (in service, reason); set by the node.
    """

    def __init__(self) -> None:
        self.on_kill_links: Callable[[], None] = lambda: None
        self.on_out_of_service: Callable[[bool, str], None] = lambda _in_service, _reason: None
        self._held: list[tuple[Publication, Publish]] = []
        self._late: deque[tuple[Publication, Publish]] = deque()
        self.clear()

    def clear(self) -> None:
        """Everything is well again. A node that is out of service stays so."""
        self.silent = False
        self.no_finesse_presence = False
        self.drop_request_id = False
        self.event_before_answer = False
        self.event_delay = 0.0
        self._intermediate = 0
        self._blows: list[Blow] = []
        self._failures: list[Failure] = []
        self._answers: list[ForcedAnswer] = []

    # Notifications

    def lose_next_event(self, n: int = 1, node: str = "") -> None:
        """The next notifications (on this node, if one is given) reach nobody."""
        self._blows += [Blow("lose", node)] * n

    def duplicate_events(self, n: int = 1, node: str = "") -> None:
        """The next notifications (on this node) are sent twice."""
        self._blows += [Blow("duplicate", node)] * n

    def malformed_event(self, n: int = 1, node: str = "") -> None:
        """The next notifications (on this node) are cut in the middle of their XML."""
        self._blows += [Blow("malformed", node)] * n

    def swap_events(self, n: int = 1, node: str = "") -> None:
        """Each of the next notifications (on this node) changes places with the one after it, if that comes soon."""
        self._blows += [Blow("swap", node)] * n

    def delay_events(self, seconds: float) -> None:
        """Every notification comes so many seconds late; their order stays."""
        self.event_delay = seconds

    def intermediate_event(self, n: int = 1) -> None:
        """The next actions are preceded by an event that carries their id and shows no change."""
        self._intermediate += n

    def fail_next(
        self,
        action: str = "*",
        error_type: str = "Generic Error",
        message: str = "CF_GENERIC_UNSPECIFIED",
        data: str = "0",
        with_request_id: bool = True,
    ) -> None:
        """The next such action is accepted with 202, then fails with ``apiErrors``."""
        self._failures.append(Failure(action, ErrorWords(error_type, message, data), with_request_id))

    # Answers

    def html_answer(self, n: int = 1, method: str = "", path: str = "") -> None:
        """The next REST requests (with this method, with this text in the path) get a web page."""
        self._answers += [ForcedAnswer(200, HTML_PAGE, "text/html", method=method, path=path)] * n

    def http_status(
        self,
        status: int,
        body: str = "",
        n: int = 1,
        method: str = "",
        path: str = "",
        carry_out: bool = False,
    ) -> None:
        """The next such REST requests get this status; with ``carry_out`` they take effect all the same."""
        self._answers += [ForcedAnswer(status, body, method=method, path=path, carry_out=carry_out)] * n

    def no_answer(self, n: int = 1, method: str = "", path: str = "") -> None:
        """The next such REST requests are carried out, but no answer ever comes."""
        self._answers += [ForcedAnswer(never=True, carry_out=True, method=method, path=path)] * n

    # The node

    def kill_links(self) -> None:
        """Cut every connection to the Notification Service without a word."""
        self.on_kill_links()

    def out_of_service(self, reason: str = "CTI server is unreachable") -> None:
        """Finesse goes out of service; ``in_service`` brings it back."""
        self.on_out_of_service(False, reason)

    def in_service(self) -> None:
        """Back in service."""
        self.on_out_of_service(True, "")

    # Asked by the parts of the simulator

    def take_intermediate(self) -> bool:
        """Whether this action is preceded by an intermediate event."""
        if self._intermediate <= 0:
            return False
        self._intermediate -= 1
        return True

    def take_failure(self, action: str) -> Failure | None:
        """The error that this action is to end with."""
        found = next((failure for failure in self._failures if failure.action in (action, "*")), None)
        if found is not None:
            self._failures.remove(found)
        return found

    def take_answer(self, method: str, path: str) -> ForcedAnswer | None:
        """The answer that this REST request is to get."""
        found = next((answer for answer in self._answers if answer.fits(method, path)), None)
        if found is not None:
            self._answers.remove(found)
        return found

    def deliver(self, publication: Publication, publish: Publish, later: Later) -> None:
        """Pass a notification on, or do to it what was wished for."""
        blow = self._take_blow(publication)
        if blow == "lose":
            return
        if blow == "malformed":
            publication = Publication(
                publication.node, publication.xml[: len(publication.xml) // 2], publication.user_id
            )
        if blow == "swap":
            self._held.append((publication, publish))
            later(SWAP_SECONDS, lambda: self._release(publication))
            return
        for _ in range(2 if blow == "duplicate" else 1):
            if self.event_delay > 0 or self._late:
                self._late.append((publication, publish))
                later(self.event_delay, self._deliver_oldest)
            else:
                publish(publication)
        for held in [held for held, _ in self._held if held.node == publication.node]:
            self._release(held)

    def _release(self, publication: Publication) -> None:
        """Send a notification that was held back, once."""
        for held in [held for held in self._held if held[0] is publication]:
            self._held.remove(held)
            held[1](publication)

    def _take_blow(self, publication: Publication) -> str:
        for blow in self._blows:
            if publication.node == blow.node or (not blow.node and publication.user_id):
                self._blows.remove(blow)
                return blow.kind
        return ""

    def _deliver_oldest(self) -> None:
        publication, publish = self._late.popleft()
        publish(publication)
