"""Paths of the REST API, with percent-encoded ids."""

from __future__ import annotations

from urllib.parse import quote

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.redaction import truncated

API_ROOT = "/finesse/api"


def path_of(*segments: str) -> str:
    """Percent-encode each segment as UTF-8 (guide p.9), and join them to a path relative to the API root.

    Raises:
        InvalidRequestError: a segment is empty or consists of dots, which would address another resource.
    """
    return "/".join(map(quoted, segments))


def api_path(path: str) -> str:
    """Return the absolute path. A path without a leading ``/`` is relative to the API root.

    Raises:
        InvalidRequestError: the path contains a character that must be percent-encoded.
    """
    if not path.isascii() or not path.isprintable() or " " in path:
        raise InvalidRequestError(
            f"The path {truncated(path, 80)!r} is not percent-encoded.",
            advice="Percent-encode the path as in a URL.",
        )
    return path if path.startswith("/") else f"{API_ROOT}/{path}"


def quoted(segment: object) -> str:
    """Return a segment of a path, percent-encoded as UTF-8 (guide p.9).

    Raises:
        InvalidRequestError: the segment is empty or consists of dots, which would address another resource.
    """
    try:
        if isinstance(segment, str) and segment.strip(" ."):
            return quote(segment, safe="")
    except UnicodeEncodeError:
        pass
    raise InvalidRequestError(
        f"{truncated(str(segment), 40)!r} is not a valid id.", advice="Give an existing id."
    )
