"""Paths of the REST API, with ids quoted so that they stay one segment."""

from __future__ import annotations

from urllib.parse import quote

from mcp_finesse.errors import InvalidRequestError

API_ROOT = "/finesse/api"


def path_of(*segments: str) -> str:
    """Join segments to a path below the API root, each quoted in UTF-8 (guide p.9).

    Raises:
        InvalidRequestError: an empty segment, or one of dots alone, would address something else.
    """
    for segment in segments:
        if not segment.strip(" ."):
            raise InvalidRequestError(f"{segment!r} is not an id of Finesse.", advice="Give a real id.")
    return "/".join(quote(segment, safe="") for segment in segments)


def api_path(path: str) -> str:
    """The absolute path: as it is with a leading ``/``, else below the API root."""
    return path if path.startswith("/") else f"{API_ROOT}/{path}"
