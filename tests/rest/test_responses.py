"""Responses of Finesse, a proxy or something else, and the error each becomes."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import (
    ApiErrorDetail,
    ConfigurationError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    RefusedError,
)
from mcp_finesse.rest.responses import Answer, check_accepted, may_concern_credentials, read_document
from tests.rest.support import OUT_OF_SERVICE, Reply, api_error, html, xml


def answer(reply: Reply, request: str = "GET /finesse/api/User/1001") -> Answer:
    kind = reply.content_type.partition(";")[0]
    return Answer(request, reply.status, kind, reply.headers.get("Location", ""), reply.body)


@pytest.mark.parametrize("status", [200, 202, 206])
def test_document_is_parsed(status: int) -> None:
    assert read_document(answer(xml("<User/>", status))).tag == "User"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (html(), r"text/html .*Welcome"),
        (html("<html><body/></html>"), "text/html"),
        (
            Reply(200, b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "application/xhtml+xml"),
            "xhtml",
        ),
        (Reply(200, b"", ""), r"an empty body \(an unnamed type\)"),
        (Reply(200, b'{"a": 1}', "application/json"), r"application/json \('\{\"a\": 1\}'\)"),
        (xml("<User><state>READY</state>"), "application/xml"),
        (Reply(200, b"\xff\xfe\x00\x01", "image/png"), "image/png"),
    ],
)
def test_other_content_is_described_by_its_first_words(reply: Reply, words: str) -> None:
    with pytest.raises(PayloadError, match=words) as caught:
        read_document(answer(reply))

    assert caught.value.advice


def test_long_page_is_truncated_in_the_error() -> None:
    with pytest.raises(PayloadError) as caught:
        read_document(answer(html("<html>" + "word " * 10_000)))

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("reply", "kind", "status"),
    [
        (api_error(400, "Invalid Input", "", "state"), RefusedError, 400),
        (api_error(401, "Invalid Supervisor"), RefusedError, 401),
        (api_error(403, "Forbidden"), RefusedError, 403),
        (api_error(404, "Dialog Not Found"), NotFoundError, 404),
        (api_error(416, "Range Not Satisfiable"), RefusedError, 416),
        (api_error(500, "Internal Server Error", "DB_RUNTIME_EXCEPTION"), RefusedError, 500),
        (api_error(501, "Not Implemented"), RefusedError, 501),
        (html(status=404), NotFoundError, 404),
        (html(status=500), RefusedError, 500),
        (xml("<strange/>", 400), RefusedError, 400),
        (api_error(200, "Generic Error"), RefusedError, 200),
    ],
)
def test_error_keeps_status_and_words(reply: Reply, kind: type[RefusedError], status: int) -> None:
    with pytest.raises(RefusedError) as caught:
        read_document(answer(reply))

    assert type(caught.value) is kind
    assert caught.value.status == status
    assert "GET /finesse/api/User/1001 was rejected" in caught.value.message


def test_error_quotes_finesse_and_gives_advice() -> None:
    with pytest.raises(RefusedError) as caught:
        check_accepted(answer(api_error(400, "Invalid State", "CF_INVALID_OBJECT_STATE", "22"), "PUT /x"))

    assert caught.value.details == (ApiErrorDetail("Invalid State", "CF_INVALID_OBJECT_STATE", "22"),)
    assert "Invalid State (CF_INVALID_OBJECT_STATE) [22]" in caught.value.message
    assert "actions" in caught.value.advice or "action" in caught.value.advice


@pytest.mark.parametrize(
    ("reply", "rejected_before_execution"),
    [(OUT_OF_SERVICE, True), (html(status=503), False), (html(status=502), False), (Reply(504), False)],
)
def test_out_of_service_response_is_distinguished_from_a_proxy_error(
    reply: Reply, rejected_before_execution: bool
) -> None:
    with pytest.raises(OutOfServiceError) as caught:
        read_document(answer(reply))

    assert caught.value.rejected_before_execution is rejected_before_execution
    assert caught.value.advice


@pytest.mark.parametrize("location", ["https://elsewhere.test/login", ""])
def test_redirect_is_a_configuration_error(location: str) -> None:
    with pytest.raises(ConfigurationError, match=location or "an unknown address") as caught:
        read_document(answer(Reply(301, headers={"Location": location})))

    assert "8445" in caught.value.advice


@pytest.mark.parametrize("reply", [Reply(202), Reply(200), Reply(200, b"", ""), xml("<Dialog/>"), Reply(204)])
def test_change_with_any_2xx_raises_nothing(reply: Reply) -> None:
    check_accepted(answer(reply))


@pytest.mark.parametrize("reply", [html(), Reply(200, b"<html/>", "application/xhtml+xml")])
def test_change_answered_with_an_html_page_has_unknown_result(reply: Reply) -> None:
    with pytest.raises(PayloadError, match="unknown"):
        check_accepted(answer(reply))


def test_change_answered_with_an_error_document_is_rejected() -> None:
    with pytest.raises(RefusedError):
        check_accepted(answer(api_error(200, "Invalid Input")))


@pytest.mark.parametrize(
    ("reply", "credentials"),
    [
        (Reply(401), True),
        (html(status=401), True),
        (api_error(401, "Authorization Failure", "UNAUTHORIZED", "1001"), True),
        (api_error(401, "Authentication Failure"), True),
        (api_error(401, "Unauthorized"), True),
        (api_error(401, "", "?"), True),
        (api_error(401, "Invalid State"), False),
        (api_error(401, "Invalid Supervisor"), False),
        (api_error(401, "Invalid Authorization User Specified"), False),
        (api_error(401, "Invalid Authorization"), False),
    ],
)
def test_http_401_concerns_credentials_or_rules(reply: Reply, credentials: bool) -> None:
    assert may_concern_credentials(answer(reply)) is credentials


def test_error_text_is_bounded_however_many_and_long_the_errors_are() -> None:
    errors = "<ApiError><ErrorType>t</ErrorType><ErrorMessage>" + "m" * 2000 + "</ErrorMessage></ApiError>"
    with pytest.raises(RefusedError) as caught:
        read_document(answer(xml(f"<ApiErrors>{errors * 100}</ApiErrors>", 400)))
    assert len(caught.value.details) == 100
    assert len(str(caught.value)) < 10_000
    assert "90 more errors" in str(caught.value)


def test_long_content_type_is_truncated() -> None:
    with pytest.raises(PayloadError) as caught:
        read_document(answer(Reply(200, b"{}", "application/" + "x" * 9000)))
    assert len(str(caught.value)) < 500
