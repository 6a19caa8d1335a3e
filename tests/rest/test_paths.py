"""Ids stay one segment of a path."""

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
def test_a_segment_that_would_lead_elsewhere_is_refused(segment: str) -> None:
    with pytest.raises(InvalidRequestError):
        path_of("User", segment)


def test_a_relative_path_is_below_the_api() -> None:
    assert api_path("User/1001") == "/finesse/api/User/1001"
    assert api_path("/finesse/api/User/1001") == "/finesse/api/User/1001"


@pytest.mark.parametrize("path", ["/finesse/api/User/jürgen", "/a b", "/a\r\nb", "User/ü"])
def test_a_path_that_is_not_quoted_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequestError, match="quoted"):
        api_path(path)
