"""An ASGI application for ``/finesse/api``, with routing, authentication, fault injection and a request log."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, bad_request, out_of_service, unauthorized
from mcp_finesse.simulator.node import FinesseNode
from mcp_finesse.simulator.observer import RecordedRequest
from mcp_finesse.simulator.requests.requests import Job
from mcp_finesse.simulator.rest.configuration.api import ConfigurationApi
from mcp_finesse.simulator.rest.configuration.routes import AdminRequest
from mcp_finesse.simulator.rest.configuration.serviceability import OTHER_ROOTS, PRODUCT_VERSION
from mcp_finesse.simulator.rest.exchange import (
    Endpoint,
    Exchange,
    Receive,
    Response,
    Scope,
    Send,
    basic_credentials,
    bearer_token,
    error_response,
    ok,
    receive_body,
    send_response,
)
from mcp_finesse.simulator.rest.groups import group_routes, largest_body
from mcp_finesse.simulator.rest.resources import ResourceEndpoints
from mcp_finesse.simulator.rest.sign_on import SignOnEndpoint, answer_auth_mode
from mcp_finesse.simulator.rest.users import UserEndpoints
from mcp_finesse.simulator.world.agents import Agent

ROOT = "/finesse/api/"
ROOTS = (ROOT, *OTHER_ROOTS)
REMEMBERED_REQUESTS = 1000


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    endpoint: Endpoint


def _route(method: str, path: str, endpoint: Endpoint) -> _Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return _Route(method, re.compile(pattern), endpoint)


class RestApi:
    """Serves the REST requests of one node. The job of a request starts after the 202 response has been sent.

    Attributes:
        sign_on: serves the requests below ``/desktop/sso/``.
        requests: the most recent requests, oldest first.
    """

    def __init__(self, center: ContactCenter, node: FinesseNode) -> None:
        self._center = center
        self._node = node
        self._faults = node.faults
        self._configuration = ConfigurationApi(
            center, is_primary=lambda: node is center.nodes[0], find_agent=self._authenticate
        )
        self._routes = self._table(UserEndpoints(center), ResourceEndpoints(center))
        self._routes += [_route(*each) for each in group_routes(center)]
        self._closing = asyncio.Event()
        self.sign_on = SignOnEndpoint(center)
        self.requests: deque[RecordedRequest] = deque(maxlen=REMEMBERED_REQUESTS)

    @staticmethod
    def _table(users: UserEndpoints, resources: ResourceEndpoints) -> list[_Route]:
        return [
            _route("GET", "User/{user}", users.get_user),
            _route("PUT", "User/{user}", users.put_user),
            _route("GET", "User/{user}/Dialogs", users.get_dialogs),
            _route("POST", "User/{user}/Dialogs", users.post_dialogs),
            _route("GET", "Dialog/{dialog}", users.get_dialog),
            _route("PUT", "Dialog/{dialog}", users.put_dialog),
            _route("GET", "User/{user}/ReasonCodes", resources.user_reason_codes),
            _route("GET", "User/{user}/ReasonCode/{id}", resources.user_reason_code),
            _route("GET", "User/{user}/WrapUpReasons", resources.user_wrap_up_reasons),
            _route("GET", "User/{user}/WrapUpReason/{id}", resources.user_wrap_up_reason),
            _route("GET", "User/{user}/PhoneBooks", resources.user_phone_books),
            _route("GET", "User/{user}/Workflows", resources.user_workflows),
            _route("GET", "User/{user}/MediaPropertiesLayout", resources.user_default_layout),
            _route("GET", "User/{user}/MediaPropertiesLayouts", resources.user_layouts),
            _route("GET", "TeamResource/{team}/ReasonCodes", resources.team_reason_codes),
            _route("GET", "TeamResource/{team}/WrapUpReasons", resources.team_wrap_up_reasons),
            _route("GET", "TeamResource/{team}/PhoneBooks", resources.team_phone_books),
            _route("GET", "TeamResource/{team}/Workflows", resources.team_workflows),
            _route("GET", "TeamResource/{team}/MediaPropertiesLayouts", resources.team_layouts),
        ]

    def close(self) -> None:
        """End the requests for which a fault withholds the response."""
        self._closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        body = await receive_body(receive, largest_body(scope["path"]))
        request = self._record(scope, headers, body)
        if self._faults.response_delay > 0:
            await asyncio.sleep(self._faults.response_delay)
        forced = self._faults.take_forced_response(scope["method"], scope["path"])
        answer = self._answer(scope, headers, body) if forced is None or forced.carry_out else Response(200)
        job, request_id = answer.job, headers.get("requestid", "")
        if forced is None:
            await self._reply(job, request_id, lambda: self._send(request, answer, send))
        elif forced.never:
            self._observe_response(request, Response(0))
            await self._reply(job, request_id, lambda: self._never(receive))
        else:
            instead = Response(forced.status, forced.body, forced.content_type)
            await self._reply(job, request_id, lambda: self._send(request, instead, send))

    async def _reply(self, job: Job | None, request_id: str, answer: Callable[[], Awaitable[None]]) -> None:
        """Send the response, then start the job, unless a fault reverses the order."""
        if job is not None and self._faults.event_before_answer:
            done = asyncio.Event()
            self._center.carry_out(job, request_id, done.set, self._node)
            await done.wait()
            job = None
        try:
            await answer()
        finally:
            if job is not None:
                self._center.carry_out(job, request_id, node=self._node)

    async def _send(self, request: RecordedRequest, answer: Response, send: Send) -> None:
        self._observe_response(request, answer)
        await send_response(answer, send)

    def _observe_response(self, request: RecordedRequest, answer: Response) -> None:
        for observer in self._center.observers:
            observer.response_sent(self._node.settings.domain, request, answer.status, answer.body)

    async def _never(self, receive: Receive) -> None:
        """Wait until the client disconnects or the API is closed. An ASGI message after the body means a disconnect."""
        waits = {asyncio.ensure_future(wait) for wait in (receive(), self._closing.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _record(self, scope: Scope, headers: dict[str, str], body: bytes) -> RecordedRequest:
        user_id, _ = self._credentials(headers.get("authorization", ""))
        query, request_id = scope["query_string"].decode("latin-1"), headers.get("requestid", "")
        request = RecordedRequest(scope["method"], scope["path"], query, body, request_id, user_id)
        self.requests.append(request)
        for observer in self._center.observers:
            observer.request_received(self._node.settings.domain, request)
        return request

    def _answer(self, scope: Scope, headers: dict[str, str], body: bytes) -> Response:
        path, method = scope["path"].removeprefix(ROOT), scope["method"]
        try:
            if path == "SystemInfo" and method == "GET":
                return ok(self._node.system.xml())
            if not self._node.in_service and path != PRODUCT_VERSION:
                raise out_of_service()
            if mode := answer_auth_mode(self._center, method, path):
                return mode
            query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
            root = f"{scope['scheme']}://{headers.get('host', '')}"
            request = AdminRequest(method, root, path, query, headers, body, node=self._node.incarnation)
            if self._configuration.handles(request):
                return self._configuration.answer(request)
            acting = self._authenticate(headers.get("authorization", ""))
            endpoint, values = self._find(method, path)
            if method != "GET":
                self._node.require_cti()
            if len(body) > largest_body(path):
                raise bad_request("Request body is too large")
            return endpoint(Exchange(acting, values, query, headers, body, self._node.incarnation))
        except ApiProblem as refusal:
            return error_response(refusal)

    def _authenticate(self, header: str) -> Agent:
        """Return the requesting agent. A request without credentials does not count as a failed attempt."""
        name, password = self._credentials(header)
        agent = self._center.state.find_agent(name)
        user_id = agent.id if agent else name
        valid = bool(user_id) and self._node.authenticate_request(user_id, password)
        if agent is None or not valid:
            raise unauthorized(user_id)
        return agent

    def _credentials(self, header: str) -> tuple[str, str]:
        """Return the user of a request, and the password or token. The user of a token is looked up."""
        if token := bearer_token(header):
            return self._center.tokens.owner(token), token
        return basic_credentials(header)

    def _find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        matches = [(route, match) for route in self._routes if (match := route.path.fullmatch(path))]
        for route, match in matches:
            if route.method == method:
                return route.endpoint, match.groupdict()
        if matches:
            raise ApiProblem(405, "Method Not Allowed", f"{method} is not allowed here", path)
        raise ApiProblem(404, "Not Found", "No such resource", path)
