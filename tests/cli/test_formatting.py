"""Notifications in one line, whatever they contain and whatever a caller wrote into them."""

from __future__ import annotations

import pytest

from mcp_finesse.cli.formatting import entry_line, notification_in_short, outcome_in_short, printable
from mcp_finesse.model import parse_update
from mcp_finesse.redaction import Redaction
from mcp_finesse.session import Entry

USER = "<user><loginId>1001</loginId><state>{state}</state>{more}</user>"
DIALOG = """
<dialog><id>7</id><state>ACTIVE</state><participants>
<Participant><mediaAddress>{caller}</mediaAddress><state>ACTIVE</state></Participant>
<Participant><mediaAddress>4501</mediaAddress><state>HELD</state></Participant>
</participants></dialog>
"""


def entry(data: str, feed: str = "user", source: str = "/finesse/api/User/1001", **more: object) -> Entry:
    """Return a journal entry with this payload."""
    xml = f"<Update><event>PUT</event><source>{source}</source><requestId/><data>{data}</data></Update>"
    update = parse_update(xml)
    return Entry(feed, update.kind, event="PUT", payload=update, raw=xml, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (entry(USER.format(state="READY", more="")), "user     PUT    agent 1001 READY"),
        (
            entry(USER.format(state="TALKING", more="<pendingState>NOT_READY</pendingState>")),
            "user     PUT    agent 1001 TALKING, then NOT_READY",
        ),
        (
            entry(USER.format(state="READY", more=""), delayed=True),
            "user     PUT    agent 1001 READY  (replayed)",
        ),
        (
            entry(DIALOG.format(caller="3125550142"), "dialogs", "/finesse/api/Dialog/7"),
            "dialogs  PUT    call 7 ACTIVE: 3125550142 ACTIVE, 4501 HELD",
        ),
        (
            entry(f"<dialogs>{DIALOG.format(caller='1')}</dialogs>", "dialogs", "/finesse/api/User/1001/Dialogs"),
            "dialogs  PUT    call 7 ACTIVE: 1 ACTIVE, 4501 HELD",
        ),
        (
            entry(
                "<apiErrors><apiError><errorType>Invalid State</errorType>"
                "<errorMessage>CF_INVALID</errorMessage><errorData>20</errorData></apiError></apiErrors>"
            ),
            "user     PUT    error: Invalid State (CF_INVALID) [20]",
        ),
        (
            entry("<systemInfo><status>OUT_OF_SERVICE</status></systemInfo>", "system", "/finesse/api/SystemInfo"),
            "system   PUT    Finesse is OUT_OF_SERVICE",
        ),
        (
            entry("<Weather><rain>1</rain></Weather>", "team:310", "/finesse/api/Team/310/Users"),
            "team:310 PUT    other /finesse/api/Team/310/Users",
        ),
        (
            entry(
                "<Queue><id>77</id><name>North.Sales</name><statistics><callsInQueue>3</callsInQueue>"
                "<agentsReady>0</agentsReady></statistics></Queue>",
                "queue:77",
                "/finesse/api/Queue/77",
            ),
            "queue:77 PUT    queue 77 North.Sales: calls_in_queue 3, agents_ready 0",
        ),
        (
            entry(
                "<media><id>5001</id><name>Chat</name><state>READY</state></media>",
                "media",
                "/finesse/api/User/1001/Media/5001",
            ),
            "media    PUT    media 5001 Chat READY",
        ),
        (
            entry(
                "<team><id>310</id><name>North</name><users><User><id>1001</id><state>READY</state></User></users>"
                "</team>",
                "team:310",
                "/finesse/api/Team/310/Users",
            ),
            "team:310 PUT    team 310 North: agent 1001 READY",
        ),
        (
            entry(
                "<dialog><id>7</id><state>ACTIVE</state><mediaProperties><wrapUpReason>Sale</wrapUpReason>"
                "<callvariables><CallVariable><name>callVariable1</name><value>A &amp; B</value></CallVariable>"
                "<CallVariable><name>callVariable2</name><value/></CallVariable></callvariables>"
                "</mediaProperties></dialog>",
                "dialogs",
                "/finesse/api/Dialog/7",
            ),
            'dialogs  PUT    call 7 ACTIVE: callVariable1="A & B", wrap-up="Sale"',
        ),
        (
            entry(USER.format(state="NOT_READY", more="<reasonCode><label>Lunch</label></reasonCode>")),
            "user     PUT    agent 1001 NOT_READY (Lunch)",
        ),
        (Entry("dialogs", "unreadable", text="no XML"), "dialogs  unreadable: no XML"),
        (Entry("session", "gap", text="Notifications may be missing."), "GAP    Notifications may be missing."),
    ],
    ids=[
        "agent", "pending", "replayed", "dialog", "dialogs", "error", "system", "other",
        "queue", "media", "team", "call data", "reason", "unreadable", "gap",
    ],
)  # fmt: skip
def test_each_kind_of_notification_has_its_line(given: Entry, told: str) -> None:
    assert entry_line(given, Redaction()) == told


def test_caller_text_cannot_forge_a_line() -> None:
    forged = entry(
        DIALOG.format(caller="1&#10;GAP    all is lost \x9b2J \u202e"), "dialogs", "/finesse/api/Dialog/7"
    )
    line = entry_line(forged, Redaction())
    assert len(line.splitlines()) == 1
    assert line.isprintable()


def test_untrusted_text_is_one_line_without_control_characters() -> None:
    assert printable("two\nlines") == "two\ufffdlines"
    assert printable("\x1b[31mred\r\t\x07") == "\ufffd[31mred\ufffd\ufffd\ufffd"
    assert printable("Sørensen & Frères, 東京 📞") == "Sørensen & Frères, 東京 📞"
    assert printable(None) == ""
    assert len(printable("x" * 10_000)) == 4000


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (
            {"feed": "user", "kind": "user", "event": "PUT", "user": {"id": "1001", "state": "READY"}},
            "user    PUT    agent 1001 is READY",
        ),
        (
            {
                "feed": "user", "kind": "user", "event": "PUT",
                "user": {"id": "1001", "state": "TALKING", "pending_state": "NOT_READY"},
            },
            "user    PUT    agent 1001 is TALKING, then NOT_READY",
        ),
        (
            {"feed": "dialogs", "kind": "dialog", "event": "PUT", "dialog": {"id": "7", "state": "ACTIVE"}},
            "dialogs PUT    call 7 is ACTIVE, you are not a participant",
        ),
        (
            {
                "feed": "dialogs", "kind": "dialogs", "event": "POST",
                "dialogs": [{"id": "7", "state": "ALERTING", "my_state": "ALERTING"}],
            },
            "dialogs POST   call 7 is ALERTING, you ALERTING",
        ),
        (
            {"feed": "user", "kind": "error", "event": "PUT", "errors": [{"type": "Invalid State", "data": 20}]},
            "user    PUT    error: Invalid State 20",
        ),
        ({"feed": "session", "kind": "gap", "text": "Missing."}, "GAP: Missing."),
        ({"feed": "system", "kind": "system_info", "event": "PUT"}, "system  PUT    system_info "),
    ],
    ids=["agent", "pending", "dialog", "dialogs", "error", "gap", "system"],
)  # fmt: skip
def test_demo_shows_notifications_in_short(item: dict[str, object], told: str) -> None:
    assert notification_in_short(item) == told


def test_outcome_shows_differences_and_advice() -> None:
    answer = {
        "status": "confirmed",
        "message": "Done.",
        "differences": [{"field": "callVariable1", "caller_supplied": {"asked": "longer", "got": "long"}}],
        "advice": "Look.",
    }
    assert outcome_in_short(answer).splitlines() == [
        "confirmed: Done.",
        "callVariable1 differs: requested 'longer', is 'long'",
        "Look.",
    ]
