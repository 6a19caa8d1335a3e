"""Errors of Finesse. Immediate errors have an HTTP status. Asynchronous errors arrive in a notification.

Types, messages and codes are those of the guide (p.7, p.73, p.86, p.134) and of the CTI Server guide. Where the
guide gives no code for a case, the CTI code with that meaning is used.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """The fields of one ``ApiError``. ``media`` is the media routing domain of errors about tasks."""

    type: str
    message: str = ""
    data: str = ""
    media: str = ""


class ApiProblem(Exception):  # noqa: N818 - models an error response of Finesse
    """The request failed validation in Finesse. Finesse sends an error response, but no notification.

    Attributes:
        status: the HTTP status.
        details: the ``ApiError`` in the response.
    """

    def __init__(self, status: int, error_type: str, message: str = "", data: str = "") -> None:
        super().__init__(f"{status} {error_type}")
        self.status = status
        self.details = ErrorDetails(error_type, message, data)


class CtiError(Exception):
    """CTI rejected the request after the 202 response. A notification with ``apiErrors`` reports the rejection.

    Attributes:
        details: the ``apiError`` of the notification. Its field ``data`` is the CTI code.
    """

    def __init__(self, error_type: str, message: str = "", data: str = "", media: str = "") -> None:
        super().__init__(f"{error_type} {data} {message}")
        self.details = ErrorDetails(error_type, message, data, media)


def parameter_missing(name: str) -> ApiProblem:
    """Return the error for a missing required element."""
    return ApiProblem(400, "Parameter Missing", f"{name} Parameter missing", name)


def invalid_input(name: str) -> ApiProblem:
    """Return the error for an invalid value."""
    return ApiProblem(400, "Invalid Input", f"Invalid {name}", name)


def bad_request(message: str) -> ApiProblem:
    """Return the error for a malformed or incomplete body."""
    return ApiProblem(400, "Bad Request", message)


def invalid_destination(address: str) -> ApiProblem:
    """Return the error for a destination that cannot be called, such as the caller's own extension."""
    return ApiProblem(400, "Invalid Destination", "Invalid destination", address)


def unauthorized(user_id: str) -> ApiProblem:
    """Return the error for missing credentials, wrong credentials or a locked account. All three look the same."""
    return ApiProblem(401, "Authorization Failure", "UNAUTHORIZED", user_id)


def foreign_user(user_id: str) -> ApiProblem:
    """Return the error for valid credentials of a user other than the user in the request."""
    return ApiProblem(
        401, "Invalid Authorization User Specified", "The user specified is not authorized", user_id
    )


def not_supervised(user_id: str) -> ApiProblem:
    """Return the error for a supervisor who acts on a user outside the supervised teams (guide p.47)."""
    return ApiProblem(401, "Invalid Supervisor", "The user is not on a team of the supervisor", user_id)


def not_entitled(user_id: str) -> ApiProblem:
    """Return the error for valid credentials of a user whose role does not allow the request."""
    return ApiProblem(401, "Authorization Failure", "The user may not use this API", user_id)


def not_implemented(platform: str, name: str = "") -> ApiProblem:
    """Return the error for an API or element value that only the other platform supports."""
    return ApiProblem(501, "Not Implemented", f"Not supported on Unified {platform[1:]}", name)


def unknown_user(_user_id: str) -> ApiProblem:
    """Return the error for an unknown user. As in the guide's example, its data is the CTI code, not the user id."""
    return ApiProblem(404, "User Not Found", "UNKNOWN_USER", "4023")


def out_of_service() -> ApiProblem:
    """Return the error for all requests other than SystemInfo while Finesse is out of service (guide p.7)."""
    return ApiProblem(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE")


def wrong_state(code: int = 265, constant: str = "CF_INVALID_AGENT_WORKMODE") -> CtiError:
    """Return the error for an agent state change that is not allowed (guide p.48 to 50)."""
    return CtiError("Invalid State", constant, str(code))


def generic(code: int, constant: str) -> CtiError:
    """Return a ``Generic Error``, the type of most call control errors (guide p.86)."""
    return CtiError("Generic Error", constant, str(code))
