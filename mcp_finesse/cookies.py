"""A limit on the cookies that an HTTP client stores for a server."""

from __future__ import annotations

import httpx

MAX_COOKIES = 20
MAX_COOKIE_CHARACTERS = 8192
"""Maximum size of all cookies together. Many servers reject requests with more."""


def bound_cookies(cookies: httpx.Cookies) -> None:
    """Delete all cookies if there are too many: a server can set any number, and all are sent with each request."""
    size = sum(len(cookie.name) + len(cookie.value or "") for cookie in cookies.jar)
    if len(cookies.jar) > MAX_COOKIES or size > MAX_COOKIE_CHARACTERS:
        cookies.clear()
