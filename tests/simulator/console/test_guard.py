"""Only the page of the console may read its events and act."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from mcp_finesse.simulator.console.events import MAX_PAGES
from mcp_finesse.simulator.console.guard import MAX_BODY, TOKEN_HEADER
from tests.simulator.console.support import console_page

CALL = {"to": "8800", "number": "3125550142"}


async def test_page_carries_a_policy_without_inline_script_and_may_not_be_framed() -> None:
    async with console_page() as page:
        answer = await page.http.get("/")
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_error_responses_carry_the_same_headers() -> None:
    async with console_page() as page:
        for answer in (await page.http.get("/nothing", headers=page.headers), await page.http.get("/events")):
            assert answer.status_code in (401, 404)
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_static_files_contain_no_inline_script_or_style_and_no_foreign_address() -> None:
    async with console_page() as page:
        text = (await page.http.get("/")).text
        assert "<script>" not in text
        assert "<style" not in text
        assert "style=" not in text
        assert "http" not in text


@pytest.mark.parametrize(
    "path", ["/../console.py", "/%2e%2e/console.py", "/static/app.js", "/app.py", "//app.js"]
)
async def test_only_listed_files_are_served(path: str) -> None:
    async with console_page() as page:
        answer = await page.http.get(page.console.origin + path, headers=page.headers)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({TOKEN_HEADER: ""}, 401),
        ({TOKEN_HEADER: "x" * 32}, 401),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Content-Type": "text/plain"}, 415),
    ],
    ids=str,
)
async def test_action_of_another_origin_is_rejected_and_not_carried_out(
    changed: dict[str, str], status: int
) -> None:
    async with console_page() as page:
        answer = await page.http.post("/actions/customer/call", json=CALL, headers=page.headers | changed)
        assert answer.status_code == status
        assert answer.json()["error"]
        assert not page.simulator.center.state.calls


async def test_action_without_origin_is_rejected() -> None:
    async with console_page() as page:
        headers = {TOKEN_HEADER: page.console.token}
        answer = await page.http.post("/actions/customer/call", json=CALL, headers=headers)
        assert answer.status_code == 403
        assert not page.simulator.center.state.calls


async def test_origin_must_fit_the_host_name_of_the_same_request() -> None:
    async with console_page() as page:
        port = page.console.port
        headers = page.headers | {"Host": f"localhost:{port}"}
        assert (await page.http.post("/actions/customer/call", json=CALL, headers=headers)).status_code == 403
        headers["Origin"] = f"http://localhost:{port}"
        assert (await page.http.post("/actions/customer/call", json=CALL, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [({TOKEN_HEADER: "x"}, 401), ({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 421)],
    ids=str,
)
async def test_events_need_the_token_and_the_own_origin(changed: dict[str, str], status: int) -> None:
    async with console_page() as page:
        assert (await page.http.get("/events", headers=page.headers | changed)).status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_rejected(method: str) -> None:
    async with console_page() as page:
        answer = await page.http.request(method, "/actions/customer/call", headers=page.headers)
        assert answer.status_code == 405
        assert answer.json()["error"] == "This address does not accept this method."


async def test_address_that_is_no_path_gets_a_sentence() -> None:
    async with console_page() as page:
        answer = await page.http.request("OPTIONS", "/", headers=page.headers, extensions={"target": b"*"})
        assert answer.status_code == 404
        assert answer.json()["error"] == "There is no such page."


async def test_web_socket_is_rejected() -> None:
    async with console_page() as page:
        headers = page.headers | {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        assert (await page.http.get("/events", headers=headers)).status_code == 403


async def test_head_request_takes_no_place_of_a_page() -> None:
    async with console_page() as page:
        for _ in range(MAX_PAGES):
            assert (await page.http.head("/events", headers=page.headers)).status_code == 200
        async with aclosing(page.events()) as events:
            assert (await anext(events))[0] == "snapshot"


async def test_large_body_is_rejected() -> None:
    async with console_page() as page:
        body = b'{"to": "' + b"8" * MAX_BODY + b'"}'
        headers = page.headers | {"Content-Type": "application/json"}
        answer = await page.http.post("/actions/customer/call", content=body, headers=headers)
        assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 60_000, b'{"a": ' + b"9" * 5000 + b"}", b"\xff"])
async def test_body_that_is_no_json_object_is_rejected(body: bytes) -> None:
    async with console_page() as page:
        headers = page.headers | {"Content-Type": "application/json"}
        answer = await page.http.post("/actions/customer/call", content=body, headers=headers)
        assert answer.status_code == 400
        assert "JSON" in answer.json()["error"]


async def test_each_start_has_its_own_token() -> None:
    async with console_page() as first, console_page() as second:
        assert first.console.token != second.console.token
        assert len(first.console.token) >= 32
        assert first.console.address == f"{first.console.origin}/#token={first.console.token}"
