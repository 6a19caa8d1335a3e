"""Logs uploaded by desktops (guide p.158 to 164), validated and stored."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mcp_finesse.simulator.errors import ApiProblem, invalid_input, parameter_missing

LOG_CHARACTERS = 1_048_576
USER_ID_CHARACTERS = 12
BODY_BYTES = 6 * LOG_CHARACTERS
"""Maximum size of a body in bytes: each character may be written as an XML entity of up to six bytes."""

PATH_ENDS = ("/ClientLog", "/CompressedClientLog")


@dataclass(frozen=True, slots=True)
class ClientLog:
    """An uploaded log: either text, or an unparsed ``multipart/form-data`` body that contains a zip file."""

    user_id: str
    text: str = ""
    archive: bytes = b""


class ClientLogs:
    """The most recent logs, oldest first."""

    def __init__(self) -> None:
        self.received: deque[ClientLog] = deque(maxlen=20)

    def take_text(self, user_id: str, text: str) -> None:
        """Store the text of a ClientLog request.

        Raises:
            ApiProblem: the error Parameter Missing for an empty log, or Invalid Input for a log that is too
                long.
        """
        if not text:
            raise parameter_missing("logData")
        if len(text) > LOG_CHARACTERS:
            raise invalid_input("logData")
        self._keep(ClientLog(user_id, text))

    def take_archive(self, user_id: str, archive: bytes) -> None:
        """Store the body of a CompressedClientLog request unparsed, because its format is not documented.

        Raises:
            ApiProblem: the error Parameter Missing for an empty body.
        """
        if not archive:
            raise parameter_missing("logData")
        self._keep(ClientLog(user_id, archive=archive))

    def _keep(self, log: ClientLog) -> None:
        """Store a log. The length of the user id is limited, because it is part of the file name (guide p.159)."""
        if len(log.user_id) > USER_ID_CHARACTERS:
            raise ApiProblem(400, "Operation Failure", "The user id is too long", log.user_id)
        self.received.append(log)
