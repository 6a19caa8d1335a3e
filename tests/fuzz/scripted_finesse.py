"""A session in a known state without a network: reads get fixed answers, and a change ends before it is sent."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import NetworkError
from mcp_finesse.model import Platform
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.http import Request
from mcp_finesse.rest.responses import Answer
from mcp_finesse.session import FinesseSession, SessionConfig, SessionState
from mcp_finesse.session.administration.admin_nodes import AdminNodes
from mcp_finesse.session.administration.change_runner import Node
from mcp_finesse.xmpp import FeedEvent
from tests.fuzz import samples

WHEN = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ADA = Credentials("1001", SecretStr("hunter22"))
ADMIN = Credentials("admin", SecretStr("hunter33"))
_REASON = (
    "<ReasonCode><uri>/finesse/api/ReasonCode/23</uri><id>23</id><category>NOT_READY</category><code>41</code>"
    "<label>Lunch</label><forAll>true</forAll></ReasonCode>"
)
_WRAP_UP = (
    "<WrapUpReason><uri>/finesse/api/WrapUpReason/1</uri><id>1</id><label>Sale</label><forAll>true</forAll>"
    "</WrapUpReason>"
)
_CONTACT = (
    "<Contact><uri>/finesse/api/PhoneBook/7/Contact/12</uri><firstName>Dana</firstName><lastName>Kim</lastName>"
    "<phoneNumber>4777</phoneNumber></Contact>"
)
_BOOK = (
    "<PhoneBook><uri>/finesse/api/PhoneBook/7</uri><name>Global</name><type>GLOBAL</type>"
    f"<contacts>{_CONTACT}</contacts></PhoneBook>"
)
ANSWERS: tuple[tuple[str, str], ...] = (
    ("User/1001/Dialogs/Media", f"<Dialogs>{samples.TASK}</Dialogs>"),
    ("/Dialogs", f"<Dialogs>{samples.DIALOG}</Dialogs>"),
    ("/Queues", f"<Queues>{samples.QUEUE}</Queues>"),
    ("/Queue/", samples.QUEUE),
    ("/ReasonCodes", f"<ReasonCodes>{_REASON}</ReasonCodes>"),
    ("/ReasonCode/", _REASON),
    ("/WrapUpReasons", f"<WrapUpReasons>{_WRAP_UP}</WrapUpReasons>"),
    ("/WrapUpReason/", _WRAP_UP),
    ("/Contacts", f"<Contacts>{_CONTACT}</Contacts>"),
    ("/Contact/", _CONTACT),
    ("/PhoneBooks", f"<PhoneBooks>{_BOOK}</PhoneBooks>"),
    ("/PhoneBook/", _BOOK),
    ("/TeamMessages", f"<TeamMessages>{samples.MESSAGE}</TeamMessages>"),
    ("/Teams", f"<Teams>{samples.TEAM}</Teams>"),
    ("/Team/", samples.TEAM),
    ("/Media/", samples.MEDIA),
    ("/Media", f"<MediaList>{samples.MEDIA}</MediaList>"),
    ("/SystemInfo", samples.SYSTEM_INFO),
    ("/Dialog/", samples.DIALOG),
    ("/User/", samples.USER),
)
"""The answer to a GET by a part of its path; the first that fits applies."""
_NODES = (
    "/finesse/api/User/1001",
    "/finesse/api/User/1001/Dialogs",
    "/finesse/api/User/1001/Dialogs/Media",
    "/finesse/api/User/1001/Media",
    "/finesse/api/Team/310/Users",
    "/finesse/api/User/1001/Queues",
)


class ScriptedClient(RestClient):
    """Answers reads, and ends every change where it would be sent."""

    async def _exchange(self, request: Request, authenticated: bool) -> Answer:
        if request.method != "GET":
            raise NetworkError("Nothing is sent in this test.", step="tcp")
        request.path.encode("ascii")  # as in Exchanger.exchange
        for part, document in ANSWERS:
            if part in request.path:
                return _answer(request, 200, document.encode())
        return _answer(request, 404, samples.API_ERRORS.encode())


def _answer(request: Request, status: int, body: bytes) -> Answer:
    headers: Mapping[str, str] = {"content-type": "application/xml"}
    return Answer(str(request), status, "application/xml", "", body, headers)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class ScriptedFinesse(FinesseSession):
    """A session that believes to be connected."""

    def __init__(self) -> None:
        url = "https://fin.example.test:8445"
        super().__init__(
            SessionConfig(url=url, credentials=ADA, state_dir=_folder(), make_tls=_tls, administrator=ADMIN)
        )
        client = ScriptedClient(url, ADA, verify=_tls())
        self.nodes.current.rest = client
        administered: Any = self.administration
        administered._nodes = AdminNodes(Node(client, Platform.UCCE), None, self.config.clock.monotonic, 1)
        for node, update in zip(_NODES, (0, 1, 3, 8, 7, 6), strict=True):
            receiver: Any = self._receiver
            receiver.take(FeedEvent(node, samples.UPDATES[update], node, None, False, (), WHEN))
        self.connection_status.report(SessionState.READY, "Scripted.")

    def start(self) -> None:
        """Do not connect."""
