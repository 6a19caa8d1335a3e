"""REST endpoints for User objects, their dialogs, and actions on dialogs (guide p.29 to 97)."""

from __future__ import annotations

from mcp_finesse.simulator.calls.data import CallData
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import invalid_input, parameter_missing
from mcp_finesse.simulator.publishing.task_xml import task_xml
from mcp_finesse.simulator.publishing.xml_objects import dialog_xml, user_xml
from mcp_finesse.simulator.requests.calls import DialogRequest
from mcp_finesse.simulator.requests.tasks import is_task_id
from mcp_finesse.simulator.rest.exchange import Exchange, Response, accepted, ok
from mcp_finesse.simulator.world.devices import Mobile
from mcp_finesse.simulator.xml_text import Body, element, read_body


class UserEndpoints:
    """The endpoints of ``/User/{id}``, ``/User/{id}/Dialogs`` and ``/Dialog/{id}``."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def get_user(self, exchange: Exchange) -> Response:
        """User—Get User. Users may read their own User. Supervisors may also read the members of their teams."""
        agent = self._center.users.readable(exchange.acting, exchange.path["user"], by_name=True)
        return ok(user_xml(agent, self._center.world, exchange.node))

    def put_user(self, exchange: Exchange) -> Response:
        """Sign in, sign out or change state."""
        body = read_body(exchange.body, "User")
        users, user_id, state = self._center.users, exchange.path["user"], body.text("state")
        if state == "LOGIN":
            return accepted(
                users.sign_in(
                    exchange.acting,
                    user_id,
                    body.text("extension"),
                    body.text("activeDeviceId"),
                    _mobile(body),
                )
            )
        return accepted(users.change_state(exchange.acting, user_id, state, body.text("reasonCodeId")))

    def get_dialogs(self, exchange: Exchange) -> Response:
        """User—Get List of Dialogs (voice). The user is the requesting user or a member of a supervised team."""
        agent = self._center.users.readable(exchange.acting, exchange.path["user"])
        state = self._center.state
        return ok(element("Dialogs", [dialog_xml(call, state) for call, _ in state.calls_of(agent.id)]))

    def post_dialogs(self, exchange: Exchange) -> Response:
        """Dialog—Create a New Dialog. The action is MAKE_CALL, SILENT_MONITOR or BARGE_CALL."""
        body = read_body(exchange.body, "Dialog")
        self._center.users.own(exchange.acting, exchange.path["user"])
        action = body.text("requestedAction")
        if not action:
            raise parameter_missing("requestedAction")
        addresses = body.text("fromAddress"), body.text("toAddress")
        who = exchange.acting, exchange.path["user"], *addresses
        if action == "SILENT_MONITOR":
            return accepted(self._center.supervision.silent_monitor(*who))
        if action == "BARGE_CALL":
            return accepted(self._center.supervision.barge(*who, body.text("associatedDialogUri")))
        if action != "MAKE_CALL":
            raise invalid_input("requestedAction")
        variables = _variables(body) if body.has("mediaProperties") else None
        return accepted(self._center.calls.make_call(*who, variables))

    def get_dialog(self, exchange: Exchange) -> Response:
        """Dialog—Get Dialog. The participants of a dialog and their supervisors may read the dialog."""
        acting, dialog_id = exchange.acting, exchange.path["dialog"]
        if is_task_id(dialog_id):
            return ok(task_xml(self._center.task_requests.task(acting, dialog_id), self._center.tasks))
        call = self._center.calls.readable(acting, dialog_id)
        return ok(dialog_xml(call, self._center.state))

    def put_dialog(self, exchange: Exchange) -> Response:
        """Handle every action on a dialog."""
        body = read_body(exchange.body, "Dialog")
        request = DialogRequest(
            action=body.text("requestedAction"),
            target=body.text("targetMediaAddress"),
            to_address=body.text("toAddress"),
            parameters=_action_parameters(body),
            data=self._call_data(body),
        )
        acting, dialog_id = exchange.acting, exchange.path["dialog"]
        handler = self._center.task_requests if is_task_id(dialog_id) else self._center.calls
        return accepted(handler.act(acting, dialog_id, request))

    def _call_data(self, body: Body) -> CallData | None:
        properties = body.children("mediaProperties")
        if not properties:
            return None
        several = properties[-1].has("wrapUpItems")
        if several and not self._center.state.rules.wrap_up_items:
            raise invalid_input("wrapUpItems")
        items = tuple(item.own_text for item in properties[-1].children("wrapUpItems/wrapUpItem"))
        reason = properties[-1].text("wrapUpReason") if properties[-1].has("wrapUpReason") else None
        return CallData(tuple(_variables(body)), reason, items if several else None)


def _mobile(body: Body) -> Mobile | None:
    found = body.children("mobileAgent")
    return Mobile(found[-1].text("mode"), found[-1].text("dialNumber")) if found else None


def _variables(body: Body) -> list[tuple[str, str]]:
    nodes = body.children("mediaProperties/callvariables/CallVariable")
    return [(node.text("name"), node.text("value")) for node in nodes]


def _action_parameters(body: Body) -> dict[str, str]:
    return {node.text("name"): node.text("value") for node in body.children("actionParams/ActionParam")}
