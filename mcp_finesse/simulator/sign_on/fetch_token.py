"""A token command for the simulator: ``python -m mcp_finesse.simulator.sign_on.fetch_token URL USER CA_FILE``.

It prints the access token as JSON. A real Finesse needs a browser for the first token, because the identity provider
asks for the password on its own pages.
"""

from __future__ import annotations

import ssl
import sys
import urllib.request
from urllib.parse import urlencode


def fetch(url: str, user: str, ca_file: str) -> str:
    """Return the token response of the simulator."""
    query = urlencode({"cc_username": user, "return_refresh_token": "true"})
    context = ssl.create_default_context(cafile=ca_file)
    request = f"{url}/desktop/sso/token?{query}"
    with urllib.request.urlopen(request, timeout=10, context=context) as response:  # noqa: S310 - the user's URL
        body: bytes = response.read()
    return body.decode()


if __name__ == "__main__":
    print(fetch(*sys.argv[1:4]))  # noqa: T201 - the output of the command
