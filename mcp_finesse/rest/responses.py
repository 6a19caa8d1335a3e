"""Interprets HTTP responses of Finesse. A response is a document, an acknowledgement, or an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from mcp_finesse.errors import (
    ApiErrorDetail,
    ConfigurationError,
    FinesseError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    RefusedError,
)
from mcp_finesse.model import Element, advice_for, is_api_errors, parse, read_api_errors
from mcp_finesse.model.xml import MAX_TAGS, local_name
from mcp_finesse.privacy import describe_details
from mcp_finesse.redaction import truncated

# With status 401, these error types mean wrong credentials or a wrong role. All other error types concern the
# request (guide p.73, 134).
_CREDENTIAL_TYPES = frozenset({"authorization failure", "authentication failure", "unauthorized", ""})
_NOT_FINESSE = "Check the host and port of the URL: the response does not look like one from the Finesse API."
_QUOTED = 80
_EXAMINED = 8_000
"""Maximum bytes of a body that are read for its description, which quotes a part of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP response.

    Attributes:
        request: the method and path of the request, for messages.
        status: the HTTP status code. The reason phrase is not used: newer releases omit it.
        content_type: the content type in lower case, without parameters.
        location: the target of a redirect, or the URI of a created object.
        body: the content.
        headers: selected headers by lower-case name, without cookies.
    """

    request: str
    status: int
    content_type: str
    location: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether the status is 2xx. For a change, 2xx means that the change was accepted, not that it is complete."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether the response is an HTML page, such as the sign-in page of a proxy."""
        return self.content_type in ("text/html", "application/xhtml+xml")

    def details(self) -> tuple[ApiErrorDetail, ...]:
        """Return the Finesse errors in the body. Empty if the body contains no errors."""
        if not self.body:
            return ()
        try:
            root = parse(self.body)
        except PayloadError:
            return ()
        return read_api_errors(root) if is_api_errors(root) else ()

    def described(self) -> str:
        """Return a description of the body by its type and its first words."""
        kind = truncated(self.content_type, _QUOTED) or "an unnamed type"
        words = " ".join(truncated(self.body[:_EXAMINED].decode("utf-8", "replace"), 8 * _QUOTED).split())
        if not words:
            return f"an empty body ({kind})"
        shown = f"{truncated(words, _QUOTED)}..." if len(words) > _QUOTED else words
        return f"{kind} ({shown!r})"


def read_document(answer: Answer) -> Element:
    """Return the root element of the response to a GET request.

    Raises:
        RefusedError: Finesse rejected the request. The subclass ``NotFoundError`` is raised for status 404.
        OutOfServiceError: the status is 503, or a proxy cannot reach Finesse.
        PayloadError: the response is not XML, or has too many tags.
        ConfigurationError: the response is a redirect.
    """
    if not answer.accepted:
        raise_rejection(answer)
    if answer.body.count(b"<") > MAX_TAGS:
        raise PayloadError(
            f"The response to {answer.request} contains more than {MAX_TAGS} tags, which exceeds the limit.",
            advice="Request less data, if possible.",
        )
    try:
        root = parse(answer.body)
    except PayloadError as error:
        raise PayloadError(
            f"The response to {answer.request} is {answer.described()} where XML was expected.",
            advice=_NOT_FINESSE,
        ) from error
    if local_name(root.tag).lower() == "html":
        raise PayloadError(
            f"The response to {answer.request} is {answer.described()} where XML was expected.",
            advice=_NOT_FINESSE,
        )
    if is_api_errors(root):
        raise_rejection(answer)
    return root


def read_text(answer: Answer) -> str:
    """Return the decoded body of a response that is not XML. Raises the errors of ``read_document``."""
    check_accepted(answer)
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError(
            f"The response to {answer.request} is {truncated(answer.content_type, _QUOTED)}, which is not UTF-8."
        ) from error


def check_accepted(answer: Answer) -> None:
    """Check that the response to a change has a 2xx status. Raises the errors of ``read_document``."""
    if not answer.accepted or answer.details():
        raise_rejection(answer)
    if answer.is_page:
        raise PayloadError(
            f"The response to {answer.request} is {answer.described()}. It is unknown whether the "
            "request was executed.",
            advice=_NOT_FINESSE,
        )


def may_concern_credentials(answer: Answer) -> bool:
    """Return whether a response with status 401 can mean that the user id or password is wrong."""
    details = answer.details()
    return not details or any(detail.type.strip().lower() in _CREDENTIAL_TYPES for detail in details)


def may_have_been_executed(answer: Answer) -> bool:
    """Return whether a change may have been executed although the status of its response is not 2xx."""
    if answer.accepted:
        return False
    try:
        raise_rejection(answer)
    except FinesseError as error:
        return error.may_have_been_executed


def raise_rejection(answer: Answer) -> NoReturn:
    """Raise the error that corresponds to a response."""
    details = answer.details()
    said = describe_details(details) or f"HTTP {answer.status}, {answer.described()}"
    message = f"{answer.request} was rejected: {said}."
    advice = advice_for(details)
    if 300 <= answer.status < 400:
        raise ConfigurationError(
            f"{answer.request} was redirected to {truncated(answer.location, 200) or 'an unknown address'}. "
            "The redirect was not followed.",
            advice="Set the URL to the address that serves the Finesse API, such as "
            "https://finesse.example.com:8445.",
        )
    if answer.status == 404:
        raise NotFoundError(message, status=404, details=details, advice=advice or _NOT_FINESSE)
    if answer.status in (502, 503, 504):
        raise OutOfServiceError(
            f"Finesse is out of service: {said}.",
            rejected_before_execution=any("SERVER_OUT_OF_SERVICE" in detail.message for detail in details),
            advice=advice or "A proxy may have responded instead. Wait, or ask the administrator.",
        )
    refusal = RefusedError(message, status=answer.status, details=details, advice=advice)
    if refusal.may_have_been_executed and not answer.request.startswith("GET "):
        refusal.message = f"The response to {answer.request} is {said}."
    raise refusal
