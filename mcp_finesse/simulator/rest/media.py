"""REST endpoints for Media objects, tasks and media routing domains (guide p.165 to 185). CCE only."""

from __future__ import annotations

from dataclasses import replace

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, not_implemented
from mcp_finesse.simulator.publishing.task_xml import domain_xml, media_xml, task_xml
from mcp_finesse.simulator.requests.tasks import MediaRequest
from mcp_finesse.simulator.rest.exchange import Endpoint, Exchange, Response, RouteTable, accepted, ok
from mcp_finesse.simulator.tasks.tasks import MediaUser
from mcp_finesse.simulator.xml_text import element, read_body


class MediaEndpoints:
    """The endpoints of ``/User/{id}/Media``, of the paths below it, and of ``/MediaDomain``."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def routes(self) -> RouteTable:
        """Return the method, path and endpoint of each route."""
        return [
            ("GET", "User/{user}/Media", self._cce_only(self.get_media_list)),
            ("GET", "User/{user}/Media/{media}", self._cce_only(self.get_media)),
            ("PUT", "User/{user}/Media/{media}", self._cce_only(self.put_media)),
            ("GET", "User/{user}/Media/{media}/Dialogs", self._cce_only(self.get_tasks)),
            ("GET", "MediaDomain", self._cce_only(self.get_domains)),
        ]

    def _cce_only(self, endpoint: Endpoint) -> Endpoint:
        """Reject requests on CCX, and add the domain to errors (``ErrorMedia``)."""

        def guarded(exchange: Exchange) -> Response:
            if not self._center.state.rules.queue_and_media_feeds:
                raise not_implemented(self._center.state.rules.name)
            try:
                return endpoint(exchange)
            except ApiProblem as refusal:
                refusal.details = replace(refusal.details, media=exchange.path.get("media", ""))
                raise

        return guarded

    def get_media_list(self, exchange: Exchange) -> Response:
        """Media—Get List. As in 12.5, the list also contains nonvoice domains not configured for the user."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        users = self._center.tasks.users.values()
        own = [media_xml(user, exchange.node) for user in users if user.agent_id == agent.id]
        return ok(element("MediaList", own))

    def get_media(self, exchange: Exchange) -> Response:
        """Media—Get Media."""
        return ok(media_xml(self._media(exchange), exchange.node))

    def put_media(self, exchange: Exchange) -> Response:
        """Sign in, change state, sign out, or change whether the user is routable."""
        body = read_body(exchange.body, "Media")
        request = MediaRequest(
            state=body.text("state"),
            routable=body.text("routable"),
            reason_code_id=body.text("reasonCodeId"),
            max_dialog_limit=body.text("maxDialogLimit"),
            interrupt_action=body.text("interruptAction"),
            dialog_logout_action=body.text("dialogLogoutAction"),
        )
        user_id, media_id = exchange.path["user"], exchange.path["media"]
        return accepted(self._center.task_requests.change_media(exchange.acting, user_id, media_id, request))

    def get_tasks(self, exchange: Exchange) -> Response:
        """User—Get List of Dialogs (tasks only)."""
        user, board = self._media(exchange), self._center.tasks
        tasks = board.tasks_of(user.agent_id, user.domain.id)
        return ok(element("Dialogs", [task_xml(task, board) for task in tasks]))

    def get_domains(self, _exchange: Exchange) -> Response:
        """MediaDomain. The list is complete and includes voice."""
        domains = self._center.world.media_domains
        return ok(element("MediaDomains", [domain_xml(domain) for domain in domains]))

    def _media(self, exchange: Exchange) -> MediaUser:
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        found = self._center.tasks.users.get((agent.id, exchange.path["media"]))
        if found is None:
            raise ApiProblem(404, "Not Found", "Unknown media routing domain", exchange.path["media"])
        return found
