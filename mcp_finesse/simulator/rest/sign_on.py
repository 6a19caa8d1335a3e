"""Single sign-on endpoints (guide p.188 to 199): tokens, and the authentication mode of a user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, not_implemented
from mcp_finesse.simulator.rest.exchange import Receive, Response, Scope, Send, ok, send_response
from mcp_finesse.simulator.sign_on.tokens import IssuedToken
from mcp_finesse.simulator.xml_text import element

ROOT = "/desktop/sso/"
AUTH_MODE = "UserAuthMode/"
FORM_BYTES = 64 * 1024

TEST_PAGE = (
    "<!DOCTYPE html><html><body><script>"
    'window.opener.postMessage({status: "failure", errorMessage: "NO TOKEN"}, "*");'
    "</script></body></html>"
)


class SignOnEndpoint:
    """Serves the requests below ``/desktop/sso/`` (ASGI).

    A real Finesse redirects a request for a first token to the pages of the identity provider, which need a browser.
    In the simulator the user is always signed in at the identity provider, so the response contains a token.
    """

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        form, more = bytearray(), True
        while more:
            message = await receive()
            form += message.get("body", b"")[: FORM_BYTES - len(form)]
            more = message["type"] == "http.request" and message.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        fields = (dict(parse_qsl(text)) for text in (query, form.decode("latin-1")))
        await send_response(self.answer(scope["method"], scope["path"], *fields), send)

    def answer(self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]) -> Response:
        """Respond to a request: a test page on ``/desktop/sso/test``, tokens on ``/desktop/sso/token``."""
        if path == f"{ROOT}test" and method == "GET":
            return Response(
                200, TEST_PAGE, "text/html;charset=UTF-8", {"Set-Cookie": "ssotest=false; Path=/; Secure"}
            )
        if path != f"{ROOT}token":
            return Response(404)
        if method == "GET":
            return self._fetch(query)
        return self._refresh(form) if method == "POST" else Response(405)

    def _fetch(self, query: Mapping[str, str]) -> Response:
        if "cc_username" not in query:
            return Response(400)
        agent = self._center.state.find_agent(query["cc_username"])
        if agent is None or not self._center.tokens.applies_to(agent.id):
            return Response(401)
        issued = self._center.tokens.issue(agent.id)
        more = {"refresh_token": issued.refresh_token} if query.get("return_refresh_token") == "true" else {}
        return self._token_response(issued, more, query)

    def _refresh(self, form: Mapping[str, str]) -> Response:
        if not {"token", "refresh-token"} <= form.keys():
            return Response(400)
        issued = self._center.tokens.refresh(form["token"], form["refresh-token"])
        return self._token_response(issued, {}, form) if issued is not None else Response(401)

    def _token_response(
        self, issued: IssuedToken, more: Mapping[str, str], asked: Mapping[str, str]
    ) -> Response:
        members: dict[str, object] = {
            "token": issued.token,
            "expires_in": round(self._center.tokens.lifetime),
            **more,
        }
        if asked.get("return_user") == "yes":
            name = self._center.state.agents[issued.user_id].record.login_name
            members |= {"user_id": name, "realm": "simulator", "user_principal": f"{name}@finesse.sim"}
        return Response(200, json.dumps(members), "application/json")


def answer_auth_mode(center: ContactCenter, method: str, path: str) -> Response | None:
    """Respond to Get User Authentication Mode, which requires no credentials. Return ``None`` for other paths.

    Raises:
        ApiProblem: 403 Forbidden while the service is disabled, 404 User Not Found, or 501 on CCX.
    """
    if not path.startswith(AUTH_MODE) or method != "GET":
        return None
    if not center.state.rules.user_auth_mode:
        raise not_implemented(center.state.rules.name)
    if not center.world.properties.user_auth_mode:
        raise ApiProblem(403, "Forbidden", "UserAuthModeService is disabled")
    agent = center.users.agent(path.removeprefix(AUTH_MODE), by_name=True)
    mode = "SSO" if center.tokens.applies_to(agent.id) else "NON_SSO"
    return ok(element("UserAuthMode", [element("authMode", mode)]))
