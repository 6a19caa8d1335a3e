"""Paths: each id stays one path segment."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.paths import api_path, path_of


@pytest.mark.parametrize(
    ("segments", "path"),
    [
        (("User", "1001"), "User/1001"),
        (("User", "jane@corp.test"), "User/jane%40corp.test"),
        (("User", "jürgen o/b?c#d"), "User/j%C3%BCrgen%20o%2Fb%3Fc%23d"),
        (("Dialog", "152201_88_1"), "Dialog/152201_88_1"),
        (("User", "..a"), "User/..a"),
    ],
)
def test_each_segment_is_quoted(segments: tuple[str, ...], path: str) -> None:
    assert path_of(*segments) == path


@pytest.mark.parametrize("segment", ["", " ", ".", "..", " .. ", "\ud800"])
def test_segment_that_would_change_the_path_is_rejected(segment: str) -> None:
    with pytest.raises(InvalidRequestError):
        path_of("User", segment)


def test_relative_path_is_below_the_api_root() -> None:
    assert api_path("User/1001") == "/finesse/api/User/1001"
    assert api_path("/finesse/api/User/1001") == "/finesse/api/User/1001"


@pytest.mark.parametrize("path", ["/finesse/api/User/jürgen", "/a b", "/a\r\nb", "User/ü"])
def test_unquoted_path_is_rejected(path: str) -> None:
    with pytest.raises(InvalidRequestError, match="not percent-encoded"):
        api_path(path)
