"""What the audit log records of a tool call, and what happens while it cannot be written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.errors import AuditError, InvalidRequestError
from mcp_finesse.redaction import Redaction
from mcp_finesse.server import AuditFile, Auditor, build_server, verify
from mcp_finesse.server.audit.auditor import AuditedCall
from tests.server.support import ADA, ScriptedSession, call, confirmed, refusal, signed_in, tell


class Recorded:
    """Keeps records, or fails."""

    def __init__(self, *, broken: bool = False) -> None:
        self.records: list[dict[str, Any]] = []
        self.broken = broken

    def append(self, fields: Mapping[str, Any]) -> None:
        if self.broken:
            raise AuditError("The audit log /log cannot be written: no space left.")
        self.records.append(dict(fields))


def client_of(
    session: ScriptedSession, records: Recorded | AuditFile, *, refuse: bool = True, **options: Any
) -> Client:
    return Client(build_server(session.as_session(), auditor=Auditor(records, refuse=refuse), **options))


async def test_call_is_recorded_before_and_after_it_is_carried_out() -> None:
    records, session = Recorded(), signed_in()
    session.have(call("331"))
    seen: list[int] = []
    session.outcomes.append(confirmed("HOLD", dialog=call("331")))
    session.on_act = lambda: seen.append(len(records.records))
    async with client_of(session, records) as client:
        await tell(client, "hold_call", dialog_id="331")
    before, after = records.records
    assert seen == [1]
    assert before["call"] == after["call"]
    assert (before["event"], before["tool"], before["effect"]) == ("call", "hold_call", "CHANGE")
    assert before["identity"] == after["identity"] == "1001"
    assert before["client"].startswith("mcp")
    assert before["arguments"] == {"dialog_id": "331"}
    assert (after["event"], after["outcome"], after["object"]) == ("result", "confirmed", "dialog 331")


async def test_errors_and_refusals_are_recorded_with_their_kind() -> None:
    records, session = Recorded(), signed_in()
    session.outcomes.append(InvalidRequestError("no such number"))
    async with client_of(session, records) as client:
        await refusal(client, "make_call", to_address="4502")
        await refusal(client, "make_call", nonsense="4502")
    assert [each.get("outcome") for each in records.records] == [
        None,
        "InvalidRequestError",
        "refused-arguments",
    ]


async def test_refused_arguments_are_recorded_with_agent_and_client() -> None:
    records = Recorded()
    async with client_of(signed_in(), records) as client:
        await refusal(client, "make_call", nonsense="4502")
        await refusal(client, "make_call", to_address=["4502"])
    for each in records.records:
        assert (each["event"], each["outcome"], each["identity"]) == ("result", "refused-arguments", "1001")
        assert each["client"].startswith("mcp")
        assert "arguments" not in each
    assert len(records.records) == 2


async def test_refused_call_in_read_only_mode_is_recorded() -> None:
    records = Recorded()
    async with client_of(signed_in(), records, read_only=True) as client:
        await refusal(client, "make_call", to_address="4502")
    assert [each.get("outcome") for each in records.records] == [None, "ReadOnlyError"]


async def test_secrets_and_card_numbers_are_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    file, session = AuditFile(path), signed_in()
    session.have(call("331"))
    variables = [
        {"name": "callVariable1", "value": "4111 1111-1111 1111 password=hunter2"},
        {"name": "callVariable2", "value": ADA.password},
    ]
    async with client_of(session, file) as client:
        await tell(client, "update_call_data", dialog_id="331", call_variables=variables)
    file.close()
    text = path.read_text()
    assert "callVariable1" in text
    assert ADA.password not in text
    assert "hunter2" not in text
    assert "1111-1111" not in text
    assert verify(path.open("rb")).problems == ()


async def test_changing_tools_are_refused_while_the_log_cannot_be_written() -> None:
    records, session = Recorded(broken=True), signed_in()
    session.have(call("331"))
    async with client_of(session, records) as client:
        text = await refusal(client, "hold_call", dialog_id="331")
        assert "The audit log /log cannot be written" in text
        assert "Nothing was sent." in text
        assert session.sent == []
        assert "331" in await tell(client, "get_dialogs")
        assert "Tools that change something are refused." in await tell(client, "get_session_status")
        records.broken = False
        await tell(client, "hold_call", dialog_id="331")
        assert len(session.sent) == 1
        assert "audit log" not in await tell(client, "get_session_status")


async def test_calls_are_carried_out_without_a_record_if_a_warning_is_chosen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    records, session = Recorded(broken=True), signed_in()
    session.have(call("331"))
    async with client_of(session, records, refuse=False) as client:
        await tell(client, "hold_call", dialog_id="331")
        assert len(session.sent) == 1
        assert "Tool calls are not recorded." in await tell(client, "get_session_status")
    assert "is not in the audit log" in caplog.text


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "x" * 100_000},
        {"list": ["x" * 1000] * 1000},
        {f"name {number}": number for number in range(1000)},
        {"deep": json.loads("[" * 50 + "]" * 50)},
        {"object": object(), "none": None, "flag": True, "number": 1.5},
    ],
    ids=["text", "list", "names", "deep", "objects"],
)
def test_recorded_arguments_are_bounded(arguments: dict[str, Any]) -> None:
    records = Recorded()
    Auditor(records).begin(AuditedCall("tool", "CHANGE", True, arguments=arguments))
    assert len(json.dumps(records.records)) < 120_000


async def test_recorded_arguments_are_redacted_before_they_are_truncated() -> None:
    records = Recorded()
    auditor = Auditor(records, redaction=Redaction.of(["user.account"], [r"ACC-\d+"]))
    card = "4111111111111111"
    auditor.begin(
        AuditedCall(
            "update_call_data",
            "CHANGE",
            True,
            arguments={
                "call_variables": {"user.account": "12", "callVariable1": f"{'x' * 1_990}{card}"},
                "also": ["call_variables.user.account = 12"],
                "body": "<v><name>user.account</name><value>12</value></v>",
                "query": f"ACC-99 {card}",
                "dialog_id": card,
                "to_address": "+4915112345678",
            },
        )
    )
    (record,) = records.records
    shown = record["arguments"]
    assert shown["call_variables"]["user.account"] == "[redacted]"
    assert "4111" not in shown["call_variables"]["callVariable1"]
    assert shown["also"] == ["call_variables.user.account [redacted]"]
    assert shown["body"] == "<v><name>user.account</name><value>[redacted]</value></v>"
    assert shown["query"] == "[redacted] [redacted]"
    assert (shown["dialog_id"], shown["to_address"]) == (card, "+4915112345678")
