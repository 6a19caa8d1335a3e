"""The XML of the Finesse objects, with the names of REST. Notifications rename only the top element."""

from __future__ import annotations

from collections.abc import Iterable

from mcp_finesse.simulator.calls.allowed_actions import actions_now
from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.publishing.device_xml import sign_in_fields
from mcp_finesse.simulator.timing import timestamp
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.phone_books import Contact, PhoneBook
from mcp_finesse.simulator.world.platforms import PlatformRules
from mcp_finesse.simulator.world.world import ReasonCode, Team, World, WrapUpReason
from mcp_finesse.simulator.xml_text import Element, element


def _time(seconds: float | None) -> str:
    return "" if seconds is None else timestamp(seconds)


def user_xml(agent: Agent, world: World, node: object = None) -> Element:
    """Return the XML of a full User (guide p.68 to 72). The ``incarnation`` in ``node`` selects node-local data."""
    record = agent.record
    teams = {team.id: team for team in world.teams}
    children = [
        element("dialogs", f"/finesse/api/User/{agent.id}/Dialogs"),
        element("extension", agent.extension),
        element("firstName", record.first_name),
        element("id", agent.id),
        element("lastName", record.last_name),
        element("loginId", agent.id),
        element("loginName", record.login_name),
        element("mediaType", 1),
        element("pendingState", agent.pending_state),
        element("reasonCodeId", agent.reason_id),
        *([current_reason_xml(agent.reason)] if agent.reason else []),
        element(
            "settings",
            [
                element("wrapUpOnIncoming", record.wrap_up_on_incoming),
                element("wrapUpOnOutgoing", record.wrap_up_on_outgoing),
                *([element("deviceSelection", "enabled")] if record.extension in world.shared_lines else []),
            ],
        ),
        element("roles", [element("role", role) for role in record.roles]),
        element("state", agent.state),
        element("stateChangeTime", _time(agent.changed_at)),
        element("teamId", record.team_id),
        element("teamName", teams[record.team_id].name),
        element("wrapUpTimer", record.wrap_up_timer),
        element("uri", f"/finesse/api/User/{agent.id}"),
        *sign_in_fields(agent, world, node),
    ]
    if record.supervises:
        children.append(
            element("teams", [_team_xml(team_id, teams[team_id].name) for team_id in record.supervises])
        )
    return element("User", children)


def _team_xml(team_id: str, name: str) -> Element:
    uri = element("uri", f"/finesse/api/Team/{team_id}")
    return element("Team", [uri, element("id", team_id), element("name", name)])


def current_reason_xml(code: ReasonCode) -> Element:
    """Return the XML of the ReasonCode of a state, with the database id of the reason code."""
    return element("ReasonCode", [*_reason_fields(code), element("id", code.id)])


def user_summary_xml(agent: Agent) -> Element:
    """Return the XML of the short User in Team notifications (devnet: team-notification)."""
    record = agent.record
    return element(
        "User",
        [
            element("uri", f"/finesse/api/User/{agent.id}"),
            element("loginId", agent.id),
            element("firstName", record.first_name),
            element("lastName", record.last_name),
            element("state", agent.state),
            element("stateChangeTime", _time(agent.changed_at)),
            element("pendingState", agent.pending_state),
            element("extension", agent.extension),
            *([current_reason_xml(agent.reason)] if agent.reason else []),
        ],
    )


def team_xml(team: Team, members: Iterable[Agent], state: ContactCenterState) -> Element:
    """Return the XML of a Team with summaries of its members (guide p.144).

    The element with the reason is named ``reasonCode``, as in the guide's example. On CCX ``mediaState`` is
    BUSY during a call that the agent made while NOT_READY.
    """
    users = []
    for agent in members:
        summary = user_summary_xml(agent)
        summary.append(element("dialogs", f"/finesse/api/User/{agent.id}/Dialogs"))
        for reason in summary.iterfind("ReasonCode"):
            reason.tag = "reasonCode"
        if state.rules.team_media_state:
            busy = agent.state == "NOT_READY" and any(
                party.direction == "outgoing" for _, party in state.live_calls_of(agent.id)
            )
            summary.append(element("mediaState", "BUSY" if busy else "IDLE"))
        users.append(summary)
    uri = element("uri", f"/finesse/api/Team/{team.id}")
    return element("Team", [uri, element("id", team.id), element("name", team.name), element("users", users)])


def dialog_xml(call: Call, state: ContactCenterState) -> Element:
    """Return the XML of a full Dialog (guide p.74 to 76)."""
    return element(
        "Dialog",
        [
            element("associatedDialogUri", call.associated_dialog_uri),
            element("fromAddress", call.from_address),
            element("id", call.id),
            element("secondaryId", call.secondary_id),
            element("mediaProperties", _media_properties(call, state.rules)),
            element("mediaType", "Voice"),
            element("participants", [_participant(call, party, state) for party in call.parties]),
            element("state", call.state),
            element("toAddress", call.to_address),
            element("uri", call.uri),
            *_outbound(call),
        ],
    )


def _outbound(call: Call) -> list[Element]:
    """Return the XML elements that only calls of campaigns have."""
    if not call.callback:
        return []
    return [element("scheduledCallbackInfo", [element(*pair) for pair in call.callback.items()])]


def _media_properties(call: Call, rules: PlatformRules) -> list[Element]:
    variables = [
        element("CallVariable", [element("name", name), element("value", value)])
        for name, value in call.variables.items()
    ]
    keys = (("CallId", call.number), ("SequenceNum", 1), ("Prefix", 152018)) if rules.call_keys else ()
    items = [element("wrapUpItem", item) for item in call.wrap_up_items]
    return [
        element("mediaId", 1),
        element("DNIS", call.to_address),
        element("callType", call.call_type),
        element("dialedNumber", call.to_address),
        element("outboundClassification"),
        element("queueNumber", call.queue_id),
        element("queueName", call.queue_name),
        *[element(f"callKey{name}", value) for name, value in keys],
        element("wrapUpReason", call.wrap_up_reason),
        *([element("wrapUpItems", items)] if rules.wrap_up_items else []),
        element("callvariables", variables),
    ]


def _participant(call: Call, party: Party, state: ContactCenterState) -> Element:
    actions = actions_now(state, call, party)
    return element(
        "Participant",
        [
            element("actions", [element("action", action) for action in actions]),
            element("mediaAddress", party.address),
            element("mediaAddressType", "AGENT_DEVICE" if party.agent_id else ""),
            element("startTime", timestamp(party.started)),
            element("state", party.state),
            element("stateCause", party.cause),
            element("stateChangeTime", timestamp(party.changed)),
        ],
    )


def _reason_fields(code: ReasonCode) -> list[Element]:
    return [
        element("uri", f"/finesse/api/ReasonCode/{code.id}"),
        element("category", code.category),
        element("code", code.code),
        element("label", code.label),
        element("forAll", "true" if code.teams is None else "false"),
        element("systemCode", "true" if code.system else "false"),
    ]


def reason_code_xml(code: ReasonCode) -> Element:
    """Return the XML of a ReasonCode. The database id appears only in the uri (guide p.236)."""
    return element("ReasonCode", _reason_fields(code))


def reason_codes_xml(category: str, codes: Iterable[ReasonCode]) -> Element:
    """Return the XML of a list of reason codes. The category is an attribute of the list."""
    node = element("ReasonCodes", [reason_code_xml(code) for code in codes])
    node.set("category", category)
    return node


def wrap_up_reason_xml(reason: WrapUpReason, base: str = "/finesse/api") -> Element:
    """Return the XML of a WrapUpReason. ``base`` is the path prefix of the request."""
    uri, for_all = (
        element("uri", f"{base}/WrapUpReason/{reason.id}"),
        "true" if reason.teams is None else "false",
    )
    return element("WrapUpReason", [uri, element("label", reason.label), element("forAll", for_all)])


def phone_books_xml(books: Iterable[tuple[PhoneBook, Iterable[tuple[int, Contact]]]]) -> Element:
    """Return the XML of phone books with their contacts. ``books`` contains each contact with its position."""
    return element(
        "PhoneBooks",
        [
            element(
                "PhoneBook",
                [
                    element("name", book.name),
                    element("type", "TEAM" if book.team_id else "GLOBAL"),
                    element("uri", f"/finesse/api/PhoneBook/{book.id}"),
                    element(
                        "Contacts", [_contact_xml(book, number, contact) for number, contact in contacts]
                    ),
                ],
            )
            for book, contacts in books
        ],
    )


def _contact_xml(book: PhoneBook, number: int, contact: Contact) -> Element:
    return element(
        "Contact",
        [
            element("firstName", contact.first_name),
            element("lastName", contact.last_name),
            element("phoneNumber", contact.phone_number),
            element("description", contact.description),
            element("uri", f"/finesse/api/PhoneBook/{book.id}/Contact/{contact.id or number}"),
        ],
    )
