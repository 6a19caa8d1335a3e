"""Test REST over real sockets: credentials, lock, service state, routing, faults, recorded requests."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.rest.exchange import basic_credentials
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.xml_text import MAX_BODY_BYTES
from tests.simulator.support_rest import Client, client_of, error, until, xml

READY = "<User><state>READY</state></User>"
UNAUTHORIZED = (401, "Authorization Failure", "UNAUTHORIZED", "1001")


@pytest.fixture(params=[False, True], ids=["HTTP/1.1", "HTTP/2"])
def http2(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator, http2: bool) -> AsyncIterator[Client]:
    async with client_of(simulator, http2=http2) as client:
        yield client


class TestCredentials:
    async def test_wrong_password_is_401_and_counted(self, simulator: Simulator, http2: bool) -> None:
        async with client_of(simulator, password="guess", http2=http2) as client:
            answer = await client.get("User/1001")
            assert error(answer) == UNAUTHORIZED
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert [attempt.result for attempt in simulator.center.attempts] == [AuthResult.WRONG]

    async def test_five_wrong_passwords_lock_even_the_right_one(
        self, simulator: Simulator, http2: bool
    ) -> None:
        async with client_of(simulator, password="guess", http2=http2) as client:
            for _ in range(5):
                assert (await client.get("User/1001")).status_code == 401
        async with client_of(simulator, http2=http2) as client:
            assert error(await client.get("User/1001")) == UNAUTHORIZED
        assert simulator.center.attempts[-1].result is AuthResult.LOCKED

    async def test_request_without_credentials_is_no_login_attempt(
        self, simulator: Simulator, client: Client
    ) -> None:
        answer = await client.http.get("/finesse/api/User/1001")
        assert error(answer) == (401, "Authorization Failure", "UNAUTHORIZED", "")
        assert not simulator.center.attempts

    async def test_login_name_is_accepted(self, simulator: Simulator, http2: bool) -> None:
        async with client_of(simulator, user_id="aokoro", http2=http2) as client:
            assert xml(await client.get("User/aokoro")).findtext("loginId") == "1001"

    @pytest.mark.parametrize(
        "header",
        [
            *("", "Bearer x", "Basic", "Basic !!!"),
            *("Basic " + base64.b64encode(text).decode() for text in (b"\xff\xff", b"only-a-password")),
        ],
    )
    def test_header_without_credentials_gives_none(self, header: str) -> None:
        assert basic_credentials(header) == ("", "")

    def test_password_may_contain_a_colon(self) -> None:
        header = "basic " + base64.b64encode(b"1001:se:cret").decode()
        assert basic_credentials(header) == ("1001", "se:cret")


class TestOutOfService:
    async def test_everything_except_system_info_is_503_out_of_service(
        self, simulator: Simulator, client: Client
    ) -> None:
        simulator.faults.out_of_service("CTI is down")
        for answer in (await client.get("User/1001"), await client.put("User/1001", READY)):
            assert error(answer) == (503, "Service Unavailable", "SERVER_OUT_OF_SERVICE", "")
        info = xml(await client.get("SystemInfo"))
        assert (info.findtext("status"), info.findtext("statusReason")) == ("OUT_OF_SERVICE", "CTI is down")
        assert not simulator.center.attempts


class TestRouting:
    async def test_unknown_path_is_404(self, client: Client) -> None:
        assert error(await client.get("Nothing"))[:2] == (404, "Not Found")

    async def test_unsupported_method_is_405(self, client: Client) -> None:
        assert error(await client.send("DELETE", "User/1001", ""))[:2] == (405, "Method Not Allowed")

    async def test_too_large_body_is_400(self, client: Client) -> None:
        answer = await client.put("User/1001", "<User>" + "x" * MAX_BODY_BYTES + "</User>")
        assert error(answer) == (400, "Bad Request", "Request body is too large", "")

    @pytest.mark.parametrize("path", ["User/1001", "SystemInfo", "ReasonCode"])
    async def test_long_body_does_not_block_other_requests_on_the_connection(
        self, client: Client, path: str
    ) -> None:
        beside = [client.get("User/1001") for _ in range(3)]
        answers = await asyncio.gather(client.put(path, "x" * 2_000_000), *beside)
        assert answers[0].status_code in (400, 401, 404)
        assert [answer.status_code for answer in answers[1:]] == [200] * 3

    async def test_accepted_request_has_an_empty_body(self, client: Client) -> None:
        answer = await client.sign_in("4501")
        assert (answer.status_code, answer.content) == (202, b"")


async def test_requests_are_recorded_without_credentials(simulator: Simulator, client: Client) -> None:
    await client.put("User/1001", READY, request_id="id-1")
    await client.get("TeamResource/310/ReasonCodes?category=ALL")
    first, second = simulator.requests
    assert (first.method, first.path, first.body, first.request_id, first.user_id) == (
        "PUT",
        "/finesse/api/User/1001",
        READY.encode(),
        "id-1",
        "1001",
    )
    assert (second.method, second.query) == ("GET", "category=ALL")
    assert "secret" not in repr(first)


class TestTheOutcome:
    """The time of the notification relative to the 202 response."""

    @staticmethod
    def listen(simulator: Simulator) -> list[Publication]:
        received: list[Publication] = []
        simulator.node.publish = received.append
        return received

    async def test_outcome_is_published_after_the_answer(self, simulator: Simulator, client: Client) -> None:
        received = self.listen(simulator)
        await client.sign_in("4501")
        await until(lambda: len(received) == 2)

    async def test_outcome_is_published_after_the_delay(self, http2: bool) -> None:
        settings = SimulatorSettings(delay=0.2)
        async with Simulator(settings) as simulator, client_of(simulator, http2=http2) as client:
            received = self.listen(simulator)
            await client.sign_in("4501")
            assert received == []
            assert xml(await client.get("User/1001")).findtext("state") == "LOGOUT"
            await until(lambda: len(received) == 2)

    async def test_outcome_can_be_published_before_the_answer(
        self, simulator: Simulator, client: Client
    ) -> None:
        received = self.listen(simulator)
        simulator.faults.event_before_answer = True
        await client.sign_in("4501")
        assert len(received) == 2


class TestFaults:
    async def test_fault_replaces_one_answer_with_a_web_page(
        self, simulator: Simulator, client: Client
    ) -> None:
        simulator.faults.html_answer()
        answer = await client.get("User/1001")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
        assert (await client.get("User/1001")).headers["content-type"].startswith("application/xml")

    async def test_fault_returns_a_status_and_does_nothing(
        self, simulator: Simulator, client: Client
    ) -> None:
        simulator.faults.http_status(500, method="PUT")
        assert (await client.get("User/1001")).status_code == 200
        assert (await client.sign_in("4501")).status_code == 500
        assert simulator.center.truth()["users"]["1001"]["state"] == "LOGOUT"

    async def test_fault_returns_a_status_and_carries_out_the_request(
        self, simulator: Simulator, client: Client
    ) -> None:
        simulator.faults.http_status(503, "<html/>", carry_out=True)
        assert (await client.sign_in("4501")).status_code == 503
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")

    async def test_fault_sends_no_answer_and_carries_out_the_request(
        self, simulator: Simulator, http2: bool
    ) -> None:
        simulator.faults.no_answer(method="PUT")
        async with client_of(simulator, http2=http2, timeout=0.3) as client:
            with pytest.raises(httpx.TimeoutException):
                await client.sign_in("4501")
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")

    async def test_request_of_a_disconnected_client_is_carried_out(self, http2: bool) -> None:
        settings = SimulatorSettings(delay=0.1)
        async with Simulator(settings) as simulator:
            async with client_of(simulator, http2=http2) as client:
                request = asyncio.create_task(client.sign_in("4501"))
                await until(lambda: len(simulator.requests) == 1)
                request.cancel()
                await asyncio.gather(request, return_exceptions=True)
            await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")
