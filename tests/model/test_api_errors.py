"""The error envelope of answers and notifications."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import is_api_errors, parse, read_api_errors


@pytest.mark.parametrize(
    "xml",
    [
        "<ApiErrors><ApiError><ErrorType>Invalid State</ErrorType><ErrorMessage>CF_X</ErrorMessage>"
        "<ErrorData>22</ErrorData></ApiError></ApiErrors>",
        "<apiErrors><apiError><errorData>22</errorData><errorType> Invalid State </errorType>"
        "<errorMessage>CF_X</errorMessage><other>1</other></apiError></apiErrors>",
        "<ApiError><ErrorData>22</ErrorData><ErrorMessage>CF_X</ErrorMessage>"
        "<ErrorType>Invalid State</ErrorType></ApiError>",
    ],
)
def test_an_error_is_read_in_every_spelling(xml: str) -> None:
    root = parse(xml)

    assert is_api_errors(root)
    assert read_api_errors(root) == (ApiErrorDetail("Invalid State", "CF_X", "22"),)


def test_what_the_peripheral_said_is_kept_and_shown() -> None:
    root = parse(
        "<apiErrors><apiError><errorType>Generic Error</errorType><errorMessage>CF_GENERIC_OPERATION</errorMessage>"
        "<errorData>1</errorData><peripheralErrorCode>13036</peripheralErrorCode>"
        "<peripheralErrorMsg>PERERR_GW_E_JTAPIOBJ</peripheralErrorMsg>"
        "<peripheralErrorText>No call to answer.</peripheralErrorText></apiError></apiErrors>"
    )
    [detail] = read_api_errors(root)

    assert (detail.peripheral_code, detail.peripheral_message) == ("13036", "PERERR_GW_E_JTAPIOBJ")
    assert str(detail).endswith("[1]: 13036 PERERR_GW_E_JTAPIOBJ No call to answer.")


def test_all_errors_of_an_envelope_are_read_in_order() -> None:
    root = parse(
        "<ApiErrors><ApiError><ErrorType>a</ErrorType><ErrorMedia>5001</ErrorMedia></ApiError>"
        "<ApiError><ErrorType>b</ErrorType><ErrorData/></ApiError><ApiError/></ApiErrors>"
    )

    assert read_api_errors(root) == (ApiErrorDetail("a", media="5001"), ApiErrorDetail("b"))


def test_other_documents_are_not_errors() -> None:
    assert not is_api_errors(parse("<User/>"))
