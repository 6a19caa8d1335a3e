"""A bound on the cookies that a server can make an HTTP client keep and send back."""

from __future__ import annotations

import httpx

MAX_COOKIES = 20
MAX_COOKIE_CHARACTERS = 8192
"""Of all cookies together; a request with more is refused by many servers."""


def bound_cookies(cookies: httpx.Cookies) -> None:
    """Forget all cookies when there are too many: a server may set any number, and each is sent every time."""
    size = sum(len(cookie.name) + len(cookie.value or "") for cookie in cookies.jar)
    if len(cookies.jar) > MAX_COOKIES or size > MAX_COOKIE_CHARACTERS:
        cookies.clear()
