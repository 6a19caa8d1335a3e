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
    return "/".join(map(_quoted, segments))


def api_path(path: str) -> str:
    """The absolute path: as it is with a leading ``/``, else below the API root.

    Raises:
        InvalidRequestError: a character that has to be quoted.
    """
    if not path.isascii() or not path.isprintable() or " " in path:
        raise InvalidRequestError(f"The path {path[:80]!r} is not quoted.", advice="Quote it as in a URL.")
    return path if path.startswith("/") else f"{API_ROOT}/{path}"


def _quoted(segment: object) -> str:
    try:
        if isinstance(segment, str) and segment.strip(" ."):
            return quote(segment, safe="")
    except UnicodeEncodeError:
        pass
    raise InvalidRequestError(f"{str(segment)[:40]!r} is not a valid id.", advice="Give an existing id.")
