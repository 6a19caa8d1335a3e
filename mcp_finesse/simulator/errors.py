"""How Finesse says no: at once with an HTTP status, or later with a notification.

The words and numbers are those of the guide (errors: p.7, p.73, p.86, p.134; CTI codes: the CTI Server
guide). Where the guide names no code for a case, the CTI code that means it is used.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """The texts of one ``ApiError``; ``media`` is the MRD of one that is about nonvoice media."""

    type: str
    message: str = ""
    data: str = ""
    media: str = ""


class ApiProblem(Exception):  # noqa: N818 - it is the name of the thing, not of a mistake in the program
    """Refused by Finesse's own checks: answered at once, and no notification follows.

    Attributes:
        status: HTTP status.
        words: the ``ApiError`` of the answer.
    """

    def __init__(self, status: int, error_type: str, message: str = "", data: str = "") -> None:
        super().__init__(f"{status} {error_type}")
        self.status = status
        self.words = ErrorWords(error_type, message, data)


class CtiError(Exception):
    """Refused by CTI after the 202: reported by a notification with ``apiErrors``.

    Attributes:
        words: the ``apiError`` of the notification; ``data`` is the CTI code.
    """

    def __init__(self, error_type: str, message: str = "", data: str = "", media: str = "") -> None:
        super().__init__(f"{error_type} {data} {message}")
        self.words = ErrorWords(error_type, message, data, media)


def parameter_missing(name: str) -> ApiProblem:
    """A required element is absent."""
    return ApiProblem(400, "Parameter Missing", f"{name} Parameter missing", name)


def invalid_input(name: str) -> ApiProblem:
    """A value is not one that Finesse knows."""
    return ApiProblem(400, "Invalid Input", f"Invalid {name}", name)


def bad_request(message: str) -> ApiProblem:
    """The body is malformed or incomplete."""
    return ApiProblem(400, "Bad Request", message)


def invalid_destination(address: str) -> ApiProblem:
    """Caller and called party are the same."""
    return ApiProblem(400, "Invalid Destination", "Invalid destination", address)


def unauthorized(user_id: str) -> ApiProblem:
    """No credentials, wrong ones, or a locked account: Finesse does not tell which."""
    return ApiProblem(401, "Authorization Failure", "UNAUTHORIZED", user_id)


def foreign_user(user_id: str) -> ApiProblem:
    """The credentials are good, but belong to somebody else."""
    return ApiProblem(
        401, "Invalid Authorization User Specified", "The user specified is not authorized", user_id
    )


def not_supervised(user_id: str) -> ApiProblem:
    """A supervisor acts on somebody outside the teams (guide p.47)."""
    return ApiProblem(401, "Invalid Supervisor", "The user is not on a team of the supervisor", user_id)


def not_entitled(user_id: str) -> ApiProblem:
    """The credentials are good, but the role does not allow this."""
    return ApiProblem(401, "Authorization Failure", "The user may not use this API", user_id)


def not_implemented(platform: str, name: str = "") -> ApiProblem:
    """An API, or the value of an element, that only the other platform has."""
    return ApiProblem(501, "Not Implemented", f"Not supported on Unified {platform[1:]}", name)


def unknown_user(_user_id: str) -> ApiProblem:
    """The guide's own example carries the CTI code, not the user id."""
    return ApiProblem(404, "User Not Found", "UNKNOWN_USER", "4023")


def out_of_service() -> ApiProblem:
    """The answer to everything but SystemInfo while out of service (guide p.7)."""
    return ApiProblem(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE")


def wrong_state(code: int = 265, constant: str = "CF_INVALID_AGENT_WORKMODE") -> CtiError:
    """A change of agent state that is not allowed from here (guide p.48 to 50)."""
    return CtiError("Invalid State", constant, str(code))


def generic(code: int, constant: str) -> CtiError:
    """Most refused call control comes back as ``Generic Error`` (guide p.86)."""
    return CtiError("Generic Error", constant, str(code))
