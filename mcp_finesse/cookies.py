"""A limit on the cookies that an HTTP client stores for a server."""

from __future__ import annotations

from http.cookiejar import CookieJar

MAX_COOKIES = 20
MAX_COOKIE_CHARACTERS = 8192
"""Maximum size of all cookies together. Many servers reject requests with more."""


def bound_cookies(cookies: CookieJar) -> None:
    """Delete all cookies if there are too many: a server can set any number, and all are sent with each request."""
    size = sum(len(cookie.name) + len(cookie.value or "") for cookie in cookies)
    if len(cookies) > MAX_COOKIES or size > MAX_COOKIE_CHARACTERS:
        cookies.clear()
