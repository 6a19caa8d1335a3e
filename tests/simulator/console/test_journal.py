"""The journal of the wire."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import httpx
import pytest

from mcp_finesse.simulator.console.journal import (
    MAX_ENTRIES,
    MAX_XML,
    NOT_SHOWN,
    Entry,
    without_secrets,
)
from tests.simulator.console.support import Page, console_page

SIGN_IN = "<User><state>LOGIN</state><extension>4501</extension></User>"


def entries(page: Page, *kinds: str) -> list[Entry]:
    return [entry for entry in page.console.journal.entries if entry.kind in kinds]


async def until(page: Page, *kinds: str) -> list[Entry]:
    async with asyncio.timeout(10):
        while not (found := entries(page, *kinds)):  # noqa: ASYNC110 - a plain list
            await asyncio.sleep(0.01)
    return found


async def put(
    page: Page, path: str, body: str | bytes, request_id: str = "", password: str = "secret"
) -> httpx.Response:
    async with httpx.AsyncClient(base_url=page.simulator.url, trust_env=False) as http:
        return await http.put(
            f"/finesse/api/{path}",
            content=body,
            headers={"requestId": request_id} if request_id else {},
            auth=("1001", password),
        )


async def test_request_response_command_change_and_event_have_one_request_id() -> None:
    async with console_page() as page:
        await put(page, "User/1001", SIGN_IN, "r-1")
        await until(page, "event")
        found = [entry for entry in page.console.journal.entries if entry.request_id == "r-1"]
        kinds = [entry.kind for entry in found]
        assert kinds[:4] == ["request", "response", "command", "change"]
        assert set(kinds[4:]) == {"event"}
        assert [(entry.source, entry.target) for entry in found[:4]] == [
            ("client", "rest"),
            ("rest", "client"),
            ("rest", "cti"),
            ("cti", "cti"),
        ]
        assert found[0].title == "PUT User/1001 · LOGIN"
        assert found[0].xml == SIGN_IN
        assert found[1].title == "202 Accepted"
        assert found[2].title == "LOGIN · agent 1001"
        assert found[3].title == "Agent 1001: LOGOUT → NOT_READY"
        assert "<requestId>r-1</requestId>" in found[4].xml


async def test_credentials_are_never_in_the_journal() -> None:
    async with console_page() as page:
        await put(page, "User/1001", SIGN_IN, "r-1", password="top-hat-42")
        body = (
            "<SystemConfig><ClusterSettings><password>top-hat-42</password></ClusterSettings></SystemConfig>"
        )
        await put(page, "SystemConfig", body)
        await put(page, "User/1001?access_token=top-hat-42", SIGN_IN)
        await put(page, "User/1001", "<User><password>top-hat-42")
        assert "top-hat-42" not in str([asdict(entry) for entry in page.console.journal.entries])
        assert "Basic" not in str([asdict(entry) for entry in page.console.journal.entries])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<User><state>READY</state></User>", "<User><state>READY</state></User>"),
        ("<a><password>x</password></a>", f"<a><password>{NOT_SHOWN}</password></a>"),
        (
            "<a><adminPassword><b>x</b></adminPassword></a>",
            f"<a><adminPassword>{NOT_SHOWN}</adminPassword></a>",
        ),
        ('<a><b token="x">y</b></a>', f"<a><b>{NOT_SHOWN}</b></a>"),
        ("<a><password>x", NOT_SHOWN),
        ("access_token=x", NOT_SHOWN),
        ("<a><passphrase/>x</a>", f"<a><passphrase>{NOT_SHOWN}</passphrase></a>"),
        ("<a><pwd>x</pwd></a>", f"<a><pwd>{NOT_SHOWN}</pwd></a>"),
        ("<!-- password=x --><a>b</a>", "<a>b</a>"),
        ("<a><!-- password=x --></a>", NOT_SHOWN),
        ("<a><?password x?></a>", NOT_SHOWN),
        ("<a>password=x</a>", NOT_SHOWN),
        ("<a>pass&#119;ord=x</a>", NOT_SHOWN),
        ("<a><name>password</name><value>x</value></a>", NOT_SHOWN),
        ('<a name="password" value="x"/>', NOT_SHOWN),
        ('{"passw\\u006frd":"x"}', NOT_SHOWN),
        ("pass%77ord=x", NOT_SHOWN),
        ("<a>b &amp; c", "<a>b &amp; c"),
        ("<a>b &amp; c</a>", "<a>b &amp; c</a>"),
        ("", ""),
    ],
)
def test_values_of_secrets_are_replaced(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    ("encoding", "end"),
    [
        *((name, "") for name in ("utf-8", "utf-16", "utf-16-be", "utf-7", "latin-1")),
        *((name, "<") for name in ("utf-8", "utf-16", "utf-16-be", "latin-1")),  # not XML
    ],
)
async def test_no_encoding_hides_a_password(encoding: str, end: str) -> None:
    declared = "" if encoding == "utf-16-be" else f'<?xml version="1.0" encoding="{encoding}"?>'
    body = f"{declared}<User><password>top-hat-42</password><name>ä</name></User>{end}".encode(encoding)
    if encoding == "utf-7":
        body = body.replace(b"<pass", b"<p+AGE-ss").replace(b"</pass", b"</p+AGE-ss")
    async with console_page() as page:
        await put(page, "User/1001", body)
        texts = [entry.xml for entry in page.console.journal.entries if entry.kind == "request"]
        assert len(texts) == 1
        assert "top-hat-42" not in texts[0].replace("\0", "")


@pytest.mark.parametrize("query", ["pass%77ord=top-hat-42", "access+token=top-hat-42", "pwd=top-hat-42"])
async def test_escaped_name_in_a_query_hides_no_password(query: str) -> None:
    async with console_page() as page:
        await put(page, f"User/1001?{query}", SIGN_IN)
        assert "top-hat-42" not in str([asdict(entry) for entry in page.console.journal.entries])


async def test_rejection_after_202_is_an_arrow_to_the_notification_service() -> None:
    async with console_page() as page:
        await put(page, "User/1001", "<User><state>READY</state></User>", "r-2")
        (rejection,) = await until(page, "rejection")
        assert rejection.title == "READY rejected: Invalid State"
        assert "257" in rejection.detail
        assert rejection.request_id == "r-2"
        assert rejection.failed


async def test_error_response_is_marked_as_failed_with_its_type() -> None:
    async with console_page() as page:
        await put(page, "User/1001", "<User><state>READY</state></User>", password="wrong")
        (response,) = entries(page, "response")
        assert response.failed
        assert response.title == "401 Unauthorized: Authorization Failure"


async def test_withheld_response_is_shown() -> None:
    async with console_page() as page:
        page.simulator.faults.no_answer()
        with pytest.raises(httpx.ReadTimeout):
            async with httpx.AsyncClient(base_url=page.simulator.url, trust_env=False, timeout=0.3) as http:
                await http.get("/finesse/api/SystemInfo")
        (response,) = entries(page, "response")
        assert (response.title, response.failed) == ("No response", True)


async def test_lost_event_is_shown_as_a_fault_and_not_as_an_event() -> None:
    async with console_page() as page:
        await page.act("fault/events", kind="lose", count=1)
        await page.act("agent/sign-in", agent="1002")
        await until(page, "event")
        (announced, lost) = entries(page, "fault")
        assert announced.title == "Will lose the next 1 event"
        assert lost.title.startswith("Event lost: PUT User/1002")
        assert lost.failed
        assert not [
            entry for entry in entries(page, "event") if entry.detail.startswith("/finesse/api/User/1002,")
        ]


async def test_event_without_subscriber_is_a_note() -> None:
    async with console_page() as page:
        await page.act("agent/sign-in", agent="1002")
        event = (await until(page, "event"))[0]
        assert (event.source, event.target) == ("events", "events")
        assert "no subscriber" in event.detail


async def test_long_paths_and_names_of_clients_are_shortened() -> None:
    async with console_page() as page:
        await put(page, f"User/{'9' * 5000}", SIGN_IN, request_id="r" * 5000)
        for entry in entries(page, "request", "response"):
            assert max(len(entry.title), len(entry.detail), len(entry.request_id)) < 600


async def test_journal_and_its_xml_are_bounded() -> None:
    async with console_page() as page:
        journal = page.console.journal
        for number in range(MAX_ENTRIES + 50):
            journal.add("event", "events", "client", str(number), xml="x" * (MAX_XML + 1))
        assert len(journal.entries) == MAX_ENTRIES
        assert len(journal.take_fresh()) == MAX_ENTRIES
        assert journal.entries[-1].title == str(MAX_ENTRIES + 49)
        assert len(journal.entries[-1].xml) < MAX_XML + 100
        assert journal.entries[-1].xml.endswith(f"(shortened: {MAX_XML + 1} characters)")
