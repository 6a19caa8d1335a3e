"""A bounded journal of what went over the wire: REST exchanges, CTI commands, changes and published events."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import unquote_plus

from lxml import etree

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ErrorDetails
from mcp_finesse.simulator.observer import RecordedRequest
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.requests.requests import Job

MAX_ENTRIES = 400
MAX_XML = 16_000
"""Characters of XML that an entry keeps."""

MAX_LINE = 500
"""Characters of every other text of an entry."""

NOT_SHOWN = "(not shown, because it may contain a password)"
SECRET_NAMES = ("passw", "passphrase", "pwd", "secret", "token", "credential")
FAULTS = {
    "lose": "Event lost",
    "duplicate": "Event duplicated",
    "malformed": "Event truncated",
    "swap": "Event held back",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the sequence diagram.

    Attributes:
        id: a number that increases by one with each entry.
        at: the time, in epoch seconds.
        kind: request, response, command, rejection, change, event, fault or person.
        source: the lane where the row begins: client, rest, cti or events (the Notification Service).
        target: the lane where the row ends. The same as ``source`` for a note.
        title: one short line.
        detail: more about the row, as plain text.
        node: the XMPP domain of the Finesse node. Empty for what concerns all nodes.
        agent: the agent, if known.
        request_id: the request id, which correlates a request with its outcome.
        failed: whether the row reports an error or a loss.
        xml: the XML as sent or received, without secrets.
    """

    id: int
    at: float
    kind: str
    source: str
    target: str
    title: str
    detail: str = ""
    node: str = ""
    agent: str = ""
    request_id: str = ""
    failed: bool = False
    xml: str = ""


class Journal:
    """Keeps the most recent entries. Implements ``Observer``.

    Args:
        center: the contact center to follow.

    Attributes:
        entries: the most recent entries, oldest first.
    """

    def __init__(self, center: ContactCenter) -> None:
        self._center = center
        self._ids = count(1)
        self.entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._fresh: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._known = summaries(center)

    def take_fresh(self) -> list[dict[str, Any]]:
        """Return the entries that were added since the last call."""
        fresh = [asdict(entry) for entry in self._fresh]
        self._fresh.clear()
        return fresh

    def all(self) -> list[dict[str, Any]]:
        """Return all entries, oldest first."""
        return [asdict(entry) for entry in self.entries]

    def add(self, kind: str, source: str, target: str, title: str, **more: Any) -> None:
        """Add an entry. Long texts are shortened, because clients choose paths, user names and request ids."""
        xml = _shortened(more.pop("xml", ""))
        short: dict[str, Any] = {
            name: _line(value) if isinstance(value, str) else value for name, value in more.items()
        }
        at = self._center.state.clock()
        entry = Entry(next(self._ids), at, kind, source, target, _line(title), **short, xml=xml)
        self.entries.append(entry)
        self._fresh.append(entry)

    # Observer

    def request_received(self, node: str, request: RecordedRequest) -> None:
        """Add an arrow from the client to REST."""
        body = without_secrets(_text(request.body))
        action = _wanted(body)
        path = request.path.removeprefix("/finesse/api/")
        query = NOT_SHOWN if _names_secret(unquote_plus(request.query)) else request.query
        self.add(
            "request", "client", "rest", f"{request.method} {path}{f' · {action}' if action else ''}",
            detail=f"{request.method} {request.path}{query and f'?{query}'}",
            node=node, agent=request.user_id, request_id=request.request_id, xml=body,
        )  # fmt: skip

    def response_sent(self, node: str, request: RecordedRequest, status: int, body: str) -> None:
        """Add an arrow from REST to the client."""
        path = request.path.removeprefix("/finesse/api/")
        self.add(
            "response", "rest", "client", f"{_phrase(status)}{_error_type(body)}",
            detail=f"Response to {request.method} {path}",
            node=node, agent=request.user_id, request_id=request.request_id,
            failed=not 200 <= status < 300, xml=without_secrets(body),
        )  # fmt: skip

    def command_queued(self, job: Job, request_id: str) -> None:
        """Add an arrow from REST to CTI."""
        call, agent = job.dialog_id and f" · call {job.dialog_id}", f" · agent {job.user_id}"
        self.add(
            "command", "rest", "cti", f"{job.action}{call or agent}",
            detail=f"Agent {job.user_id} requests {job.action}{call}.", agent=job.user_id, request_id=request_id,
        )  # fmt: skip

    def command_rejected(self, job: Job, details: ErrorDetails, request_id: str) -> None:
        """Add an arrow from CTI to the Notification Service."""
        self.add(
            "rejection", "cti", "events", f"{job.action} rejected: {details.type}",
            detail=f"{details.data} {details.message}",
            agent=job.user_id, request_id=request_id, failed=True,
        )  # fmt: skip

    def state_changed(self, request_id: str) -> None:
        """Add a note for each agent, call and task whose state is not the last known one."""
        now, before = summaries(self._center), self._known
        self._known = now
        for key in [*now, *(before.keys() - now.keys())]:
            if now.get(key) != before.get(key):
                self._add_change(key, before.get(key), now.get(key), request_id)

    def _add_change(
        self, key: tuple[str, str], before: Summary | None, now: Summary | None, request_id: str
    ) -> None:
        kind, name = key
        old, new = before[0] if before else "new", now[0] if now else "ended"
        change = f"{old} → {new}" if old != new else f"{new}, changed"
        summary = now or before
        self.add(
            "change", "cti", "cti", f"{kind} {name}: {change}",
            detail=summary[1] if summary else "", agent=name if kind == "Agent" else "", request_id=request_id,
        )  # fmt: skip

    def event_published(self, node: str, publication: Publication, receivers: int) -> None:
        """Add an arrow from the Notification Service to the client, or a note if no session received the event."""
        title, request_id = _event(publication)
        reached = f"{receivers} session{'' if receivers == 1 else 's'}"
        self.add(
            "event", "events", "client" if receivers else "events", title,
            detail=f"{publication.node}, sent to {reached}" if receivers else f"{publication.node}, no subscriber",
            node=node, agent=publication.user_id or "", request_id=request_id, xml=publication.xml,
        )  # fmt: skip

    def event_altered(self, node: str, publication: Publication, fault: str) -> None:
        """Add a note about a fault that affects an event."""
        title, request_id = _event(publication)
        self.add(
            "fault", "events", "events", f"{FAULTS[fault]}: {title}", detail=publication.node,
            node=node, agent=publication.user_id or "", request_id=request_id, failed=True, xml=publication.xml,
        )  # fmt: skip


Summary = tuple[str, str]
"""The state of an object, and the details that also count as a change."""


def summaries(center: ContactCenter) -> dict[tuple[str, str], Summary]:
    """Return the state of every agent, call and task, for comparison with a later state."""
    found: dict[tuple[str, str], Summary] = {}
    for agent in center.state.agents.values():
        pending = f", then {agent.pending_state}" if agent.pending_state else ""
        reason = f", {agent.reason.label}" if agent.reason else ""
        found["Agent", agent.id] = agent.state, f"{agent.state}{reason}{pending}"
    for call in center.state.calls.values():
        parties = ", ".join(f"{party.address} {party.state}" for party in call.parties)
        found["Call", call.id] = call.state, parties
    for task in center.tasks.tasks:
        holder = f"agent {task.agent_id}" if task.agent_id else "waiting"
        found["Task", str(task.number)] = task.state if task.agent_id else "WAITING", holder
    return found


def without_secrets(body: str) -> str:
    """Return a body without the values of passwords and tokens.

    Elements and attributes with a name such as "password" lose their values. If such a word is elsewhere in the body,
    for example in a comment, the secret may be anywhere, and the body is not shown. A body that is not XML is also not
    shown if it has escapes, which may hide such a word.
    """
    root = _parsed(body)
    if root is None:
        return NOT_SHOWN if _names_secret(body) or "%" in body or "\\" in body else body
    if not _names_secret(body) and "&" not in body:
        return body
    elsewhere: list[str] = []
    for node in [*root.iter()]:
        if not isinstance(node.tag, str):  # a comment, a processing instruction or an entity
            elsewhere.append(str(node))
        elif _names_secret(" ".join((node.tag, *map(str, node.attrib)))):
            node.attrib.clear()
            for child in [*node]:
                node.remove(child)
            node.text, node.tail = NOT_SHOWN, None
        else:
            elsewhere += (node.text or "", *map(str, node.attrib.values()))
        elsewhere.append(node.tail or "")
    return NOT_SHOWN if _names_secret(" ".join(elsewhere)) else etree.tostring(root, encoding="unicode")


def _names_secret(text: str) -> bool:
    return any(name in text.lower() for name in SECRET_NAMES)


def _text(body: bytes) -> str:
    """Return a body as text. XML in another encoding is converted, because the encoding may hide a secret."""
    root = _parsed(body)
    if root is not None and (root.getroottree().docinfo.encoding or "UTF-8").upper() != "UTF-8":
        return etree.tostring(root, encoding="unicode")
    text = body.decode(errors="replace")
    return NOT_SHOWN if "\0" in text else text


def _parsed(body: str | bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body.encode() if isinstance(body, str) else body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _wanted(body: str) -> str:
    """Return what a request body asks for: a requestedAction or a state."""
    root = _parsed(body) if body else None
    if root is None:
        return ""
    return (root.findtext("requestedAction") or root.findtext("state") or "").strip()[:40]


def _error_type(body: str) -> str:
    root = _parsed(body) if "<ApiErrors>" in body else None
    found = root.findtext("ApiError/ErrorType") if root is not None else None
    return f": {found}" if found else ""


def _event(publication: Publication) -> tuple[str, str]:
    """Return a title and the request id of an event."""
    where = publication.node.removeprefix("/finesse/api/")
    root = _parsed(publication.xml)
    if root is None:
        return f"malformed · {where}", ""
    data = root.find("data")
    kind = str(data[0].tag) if data is not None and len(data) else ""
    state = root.findtext(f"data/{kind}/state") or root.findtext(f"data/{kind}/Dialog/state") or ""
    title = " ".join(part for part in (root.findtext("event") or "", where, state and f"· {state}") if part)
    return title, root.findtext("requestId") or ""


def _phrase(status: int) -> str:
    if status == 0:
        return "No response"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _line(text: str) -> str:
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…"


def _shortened(xml: str) -> str:
    return xml if len(xml) <= MAX_XML else f"{xml[:MAX_XML]}\n(shortened: {len(xml)} characters)"
