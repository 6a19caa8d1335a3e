"""Parsing of ``ApiErrors``, the error format of HTTP responses and notifications (guide p.7, 22)."""

from __future__ import annotations

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model.xml import Element, local_name, text_of

_FIELDS = {
    "errorType": "type",
    "errorMessage": "message",
    "errorData": "data",
    "errorMedia": "media",
    "peripheralErrorCode": "peripheral_code",
    "peripheralErrorMsg": "peripheral_message",
    "peripheralErrorText": "peripheral_text",
}


def is_api_errors(element: Element) -> bool:
    """Return whether an element is ``ApiErrors`` or a single ``ApiError``."""
    return local_name(element.tag) in ("apiErrors", "apiError")


def read_api_errors(element: Element) -> tuple[ApiErrorDetail, ...]:
    """Return the errors in an element, in order. Empty errors are omitted."""
    errors = (element,) if local_name(element.tag) == "apiError" else tuple(element)
    details = (_read(error) for error in errors)
    return tuple(detail for detail in details if detail != ApiErrorDetail(type=""))


def _read(error: Element) -> ApiErrorDetail:
    values = {"type": ""}
    for child in error:
        field = _FIELDS.get(local_name(child.tag))
        if field is not None:
            values[field] = (text_of(child) or "").strip()
    return ApiErrorDetail(**values)
