"""Limits on the cookies that an HTTP client stores for a server."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

MAX_COOKIES = 20
MAX_COOKIE_CHARACTERS = 8192
"""Maximum total size of all cookies. Many servers reject a request whose cookies are larger."""


def bound_cookies(cookies: CookieJar) -> None:
    """Delete all cookies if they exceed the limit. A server can set any number, and each request sends all of them."""
    size = sum(len(cookie.name) + len(cookie.value or "") for cookie in cookies)
    if len(cookies) > MAX_COOKIES or size > MAX_COOKIE_CHARACTERS:
        cookies.clear()


def no_cookies() -> CookieJar:
    """Return a jar that accepts no cookie."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))
