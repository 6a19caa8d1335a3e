"""REST over real sockets: credentials, lock, service state, routing, faults, what is recorded."""

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
    async def test_a_wrong_password(self, simulator: Simulator, http2: bool) -> None:
        async with client_of(simulator, password="guess", http2=http2) as client:
            answer = await client.get("User/1001")
            assert error(answer) == UNAUTHORIZED
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert [attempt.result for attempt in simulator.center.attempts] == [AuthResult.WRONG]

    async def test_five_strikes_lock_even_the_right_password(self, simulator: Simulator, http2: bool) -> None:
        async with client_of(simulator, password="guess", http2=http2) as client:
            for _ in range(5):
                assert (await client.get("User/1001")).status_code == 401
        async with client_of(simulator, http2=http2) as client:
            assert error(await client.get("User/1001")) == UNAUTHORIZED
        assert simulator.center.attempts[-1].result is AuthResult.LOCKED

    async def test_none_at_all_is_no_attempt(self, simulator: Simulator, client: Client) -> None:
        answer = await client.http.get("/finesse/api/User/1001")
        assert error(answer) == (401, "Authorization Failure", "UNAUTHORIZED", "")
        assert not simulator.center.attempts

    async def test_a_login_name_is_good_too(self, simulator: Simulator, http2: bool) -> None:
        async with client_of(simulator, user_id="aokoro", http2=http2) as client:
            assert xml(await client.get("User/aokoro")).findtext("loginId") == "1001"

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer x", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xff").decode()],
    )
    def test_headers_that_hold_none(self, header: str) -> None:
        assert basic_credentials(header) == ("", "")

    def test_a_password_may_hold_a_colon(self) -> None:
        header = "basic " + base64.b64encode(b"1001:se:cret").decode()
        assert basic_credentials(header) == ("1001", "se:cret")


class TestOutOfService:
    async def test_everything_but_system_info_is_503(self, simulator: Simulator, client: Client) -> None:
        simulator.faults.out_of_service("CTI is down")
        for answer in (await client.get("User/1001"), await client.put("User/1001", READY)):
            assert error(answer) == (503, "Service Unavailable", "SERVER_OUT_OF_SERVICE", "")
        info = xml(await client.get("SystemInfo"))
        assert (info.findtext("status"), info.findtext("statusReason")) == ("OUT_OF_SERVICE", "CTI is down")
        assert not simulator.center.attempts


class TestRouting:
    async def test_an_unknown_path(self, client: Client) -> None:
        assert error(await client.get("Nothing"))[:2] == (404, "Not Found")

    async def test_a_method_that_is_not_there(self, client: Client) -> None:
        assert error(await client.send("DELETE", "User/1001", ""))[:2] == (405, "Method Not Allowed")

    async def test_a_body_that_is_too_big(self, client: Client) -> None:
        answer = await client.put("User/1001", "<User>" + "x" * MAX_BODY_BYTES + "</User>")
        assert error(answer) == (400, "Bad Request", "Request body is too large", "")

    @pytest.mark.parametrize("path", ["User/1001", "SystemInfo", "ReasonCode"])
    async def test_however_long_a_body_is_others_on_the_connection_are_answered(
        self, client: Client, path: str
    ) -> None:
        beside = [client.get("User/1001") for _ in range(3)]
        answers = await asyncio.gather(client.put(path, "x" * 2_000_000), *beside)
        assert answers[0].status_code in (400, 401, 404)
        assert [answer.status_code for answer in answers[1:]] == [200] * 3

    async def test_an_accepted_request_has_an_empty_body(self, client: Client) -> None:
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
    """When the notification comes, seen from the client's side of the 202."""

    @staticmethod
    def listen(simulator: Simulator) -> list[Publication]:
        heard: list[Publication] = []
        simulator.node.publish = heard.append
        return heard

    async def test_comes_after_the_answer(self, simulator: Simulator, client: Client) -> None:
        heard = self.listen(simulator)
        await client.sign_in("4501")
        await until(lambda: len(heard) == 2)

    async def test_comes_after_the_delay(self, http2: bool) -> None:
        settings = SimulatorSettings(delay=0.2)
        async with Simulator(settings) as simulator, client_of(simulator, http2=http2) as client:
            heard = self.listen(simulator)
            await client.sign_in("4501")
            assert heard == []
            assert xml(await client.get("User/1001")).findtext("state") == "LOGOUT"
            await until(lambda: len(heard) == 2)

    async def test_can_come_before_the_answer(self, simulator: Simulator, client: Client) -> None:
        heard = self.listen(simulator)
        simulator.faults.event_before_answer = True
        await client.sign_in("4501")
        assert len(heard) == 2


class TestFaults:
    async def test_a_web_page_in_the_place_of_an_answer(self, simulator: Simulator, client: Client) -> None:
        simulator.faults.html_answer()
        answer = await client.get("User/1001")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
        assert (await client.get("User/1001")).headers["content-type"].startswith("application/xml")

    async def test_a_status_of_choice_and_nothing_happens(self, simulator: Simulator, client: Client) -> None:
        simulator.faults.http_status(500, method="PUT")
        assert (await client.get("User/1001")).status_code == 200
        assert (await client.sign_in("4501")).status_code == 500
        assert simulator.center.truth()["users"]["1001"]["state"] == "LOGOUT"

    async def test_a_status_of_choice_though_it_happens(self, simulator: Simulator, client: Client) -> None:
        simulator.faults.http_status(503, "<html/>", carry_out=True)
        assert (await client.sign_in("4501")).status_code == 503
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")

    async def test_no_answer_though_it_happens(self, simulator: Simulator, http2: bool) -> None:
        simulator.faults.no_answer(method="PUT")
        async with client_of(simulator, http2=http2, timeout=0.3) as client:
            with pytest.raises(httpx.TimeoutException):
                await client.sign_in("4501")
        await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")

    async def test_a_client_that_goes_away_is_obeyed_all_the_same(self, http2: bool) -> None:
        settings = SimulatorSettings(delay=0.1)
        async with Simulator(settings) as simulator:
            async with client_of(simulator, http2=http2) as client:
                request = asyncio.create_task(client.sign_in("4501"))
                await until(lambda: len(simulator.requests) == 1)
                request.cancel()
                await asyncio.gather(request, return_exceptions=True)
            await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == "NOT_READY")
