"""Fault injection for tests and the demo, applied to REST responses and notifications.

``n`` is the number of affected events or requests. The next ``n`` events or requests have the fault, and later
ones are normal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mcp_finesse.simulator.errors import ErrorDetails
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.timing import Later

SWAP_SECONDS = 0.05
"""Maximum seconds for which a notification is held back so that the next one can overtake it."""

Publish = Callable[[Publication], None]


@dataclass(frozen=True, slots=True)
class EventFault:
    """A fault for one notification of the pubsub node ``node``. An empty ``node`` matches any feed of a user."""

    kind: Literal["lose", "duplicate", "malformed", "swap"]
    node: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An asynchronous error to report. ``action`` is a requestedAction, an agent state, or ``*`` for any action."""

    action: str
    details: ErrorDetails
    with_request_id: bool


@dataclass(frozen=True, slots=True)
class ForcedResponse:
    """An HTTP response that replaces Finesse's own.

    Attributes:
        carry_out: whether to execute the request nevertheless, as if a proxy had lost Finesse's own response.
        never: whether to send no response at all until the client disconnects.
        method: apply only to requests with this method. If empty, apply to any method.
        path: apply only to requests whose path contains this text.
    """

    status: int = 200
    body: str = ""
    content_type: str = "application/xml"
    carry_out: bool = False
    never: bool = False
    method: str = ""
    path: str = ""

    def fits(self, method: str, path: str) -> bool:
        """Return whether this response applies to a request with this method and path."""
        return self.method in ("", method) and self.path in path


HTML_PAGE = "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>"


class Faults:
    """The faults to inject.

    Attributes:
        silent: the Notification Service stays connected, but sends nothing to clients that are logged in. It does
            not even send ping replies.
        no_finesse_presence: the presence of ``finesse@domain`` is never sent.
        drop_request_id: notifications carry an empty requestId.
        event_before_answer: the notification about a request is sent before the 202 response to the request.
        event_delay: seconds by which every notification is delayed.
        response_delay: seconds to wait before the execution of every REST request.
        on_event_fault: a function that is called with a notification and the fault that affects it. The
            simulator sets it.
        on_kill_links: a function that ``kill_links`` calls. The simulator sets it.
        on_out_of_service: a function that ``out_of_service`` calls with two arguments: in service, and reason.
            The node sets it.
    """

    def __init__(self) -> None:
        self.on_event_fault: Callable[[Publication, str], None] = lambda _publication, _fault: None
        self.on_kill_links: Callable[[], None] = lambda: None
        self.on_out_of_service: Callable[[bool, str], None] = lambda _in_service, _reason: None
        self._held: list[tuple[Publication, Publish, Later]] = []
        self._delayed: deque[tuple[Publication, Publish]] = deque()
        self.clear()

    def clear(self) -> None:
        """Remove all faults. A node that a fault has put out of service stays out of service."""
        self.silent = False
        self.no_finesse_presence = False
        self.drop_request_id = False
        self.event_before_answer = False
        self.event_delay = 0.0
        self.response_delay = 0.0
        self._intermediate = 0
        self._event_faults: list[EventFault] = []
        self._failures: list[Failure] = []
        self._forced_responses: list[ForcedResponse] = []

    # Notifications

    def lose_next_event(self, n: int = 1, node: str = "") -> None:
        """Drop the next `n` notifications of the pubsub node `node`. The default is any feed of an individual user."""
        self._event_faults += [EventFault("lose", node)] * n

    def duplicate_events(self, n: int = 1, node: str = "") -> None:
        """Send each of the next `n` notifications of `node` twice. The default is any feed of an individual user."""
        self._event_faults += [EventFault("duplicate", node)] * n

    def malformed_event(self, n: int = 1, node: str = "") -> None:
        """Truncate the XML of the next `n` notifications of `node`. The default is any feed of an individual user."""
        self._event_faults += [EventFault("malformed", node)] * n

    def swap_events(self, n: int = 1, node: str = "") -> None:
        """Swap each of the next `n` notifications of `node` with the next notification if it arrives within 50 ms."""
        self._event_faults += [EventFault("swap", node)] * n

    def delay_events(self, seconds: float) -> None:
        """Delay every notification by `seconds`. The order of notifications does not change."""
        self.event_delay = seconds

    def intermediate_event(self, n: int = 1) -> None:
        """For each of the next `n` actions, send an event without a change, with the request id, before the result."""
        self._intermediate += n

    def fail_next(
        self,
        action: str = "*",
        error_type: str = "Generic Error",
        message: str = "CF_GENERIC_UNSPECIFIED",
        data: str = "0",
        with_request_id: bool = True,
    ) -> None:
        """Accept the next request for `action` with 202, then report a failure in `apiErrors`. `*` means any action."""
        self._failures.append(Failure(action, ErrorDetails(error_type, message, data), with_request_id))

    # REST responses

    def delay_responses(self, seconds: float) -> None:
        """Wait for `seconds` before the execution of every REST request."""
        self.response_delay = seconds

    def html_answer(self, n: int = 1, method: str = "", path: str = "") -> None:
        """Respond to the next `n` matching REST requests with an HTML page, without executing them."""
        self._forced_responses += [ForcedResponse(200, HTML_PAGE, "text/html", method=method, path=path)] * n

    def http_status(
        self,
        status: int,
        body: str = "",
        n: int = 1,
        method: str = "",
        path: str = "",
        carry_out: bool = False,
    ) -> None:
        """Respond to the next `n` matching REST requests with `status`. Execute them only if `carry_out` is true."""
        self._forced_responses += [
            ForcedResponse(status, body, method=method, path=path, carry_out=carry_out)
        ] * n

    def no_answer(self, n: int = 1, method: str = "", path: str = "") -> None:
        """Execute the next `n` matching REST requests but never respond to them."""
        self._forced_responses += [ForcedResponse(never=True, carry_out=True, method=method, path=path)] * n

    # The node

    def kill_links(self) -> None:
        """Cut every connection to the Notification Service abruptly."""
        self.on_kill_links()

    def out_of_service(self, reason: str = "CTI server is unreachable") -> None:
        """Put Finesse out of service until `in_service` is called."""
        self.on_out_of_service(False, reason)

    def in_service(self) -> None:
        """Put Finesse back in service."""
        self.on_out_of_service(True, "")

    @property
    def waiting(self) -> list[str]:
        """A short description of each fault that has not affected anything yet, oldest first."""
        return [
            *(f"{fault.kind} event" for fault in self._event_faults),
            *(
                f"fail {'any action' if failure.action == '*' else failure.action}"
                for failure in self._failures
            ),
            *(
                "no response" if answer.never else f"HTTP status {answer.status}"
                for answer in self._forced_responses
            ),
        ]

    # Used by the simulator itself

    def take_intermediate(self) -> bool:
        """Return whether to send an intermediate event before this action. If so, decrement the counter."""
        if self._intermediate <= 0:
            return False
        self._intermediate -= 1
        return True

    def take_failure(self, action: str) -> Failure | None:
        """Remove and return the error with which this action is to fail, if any."""
        found = next((failure for failure in self._failures if failure.action in (action, "*")), None)
        if found is not None:
            self._failures.remove(found)
        return found

    def take_forced_response(self, method: str, path: str) -> ForcedResponse | None:
        """Remove and return the forced response for this REST request, if any."""
        found = next((answer for answer in self._forced_responses if answer.fits(method, path)), None)
        if found is not None:
            self._forced_responses.remove(found)
        return found

    def deliver(self, publication: Publication, publish: Publish, later: Later) -> None:
        """Publish a notification, applying the faults that affect it."""
        fault = self._next_event_fault(publication)
        if fault:
            self.on_event_fault(publication, fault)
        if fault == "lose":
            return
        if fault == "malformed":
            publication = Publication(
                publication.node, publication.xml[: len(publication.xml) // 2], publication.user_id
            )
        if fault == "swap":
            self._held.append((publication, publish, later))
            later(SWAP_SECONDS, lambda: self._release(publication))
            return
        for _ in range(2 if fault == "duplicate" else 1):
            self._publish(publication, publish, later)
        for held, _, _ in list(self._held):
            if held.node == publication.node:
                self._release(held)

    def _publish(self, publication: Publication, publish: Publish, later: Later) -> None:
        """Publish a notification after ``event_delay``, and never before an earlier notification."""
        if self.event_delay > 0 or self._delayed:
            self._delayed.append((publication, publish))
            later(self.event_delay, self._publish_oldest)
        else:
            publish(publication)

    def _release(self, publication: Publication) -> None:
        """Publish a notification that was held back. Do nothing if it was already published."""
        for held in [held for held in self._held if held[0] is publication]:
            self._held.remove(held)
            self._publish(*held)

    def _next_event_fault(self, publication: Publication) -> str:
        for fault in self._event_faults:
            if publication.node == fault.node or (not fault.node and publication.user_id):
                self._event_faults.remove(fault)
                return fault.kind
        return ""

    def _publish_oldest(self) -> None:
        publication, publish = self._delayed.popleft()
        publish(publication)
