"""A separate process that signs in: ``program.py STATE URL PASSWORD CALLS [wait]``. It prints one word per call.

With ``wait`` it signs in once, prints ``ready``, and makes its calls when a line arrives on stdin.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import FinesseError
from mcp_finesse.session import SessionConfig
from mcp_finesse.session.nodes.nodes import Nodes


async def call(nodes: Nodes, path: str) -> str:
    try:
        await nodes.rest.get(path)
    except FinesseError as error:
        return type(error).__name__
    return "accepted"


async def main(state: str, url: str, password: str, calls: str, wait: str = "") -> None:
    credentials = Credentials("1001", SecretStr(password))
    nodes = Nodes(SessionConfig(url, credentials, Path(state), allow_insecure=True))
    if wait:
        await call(nodes, "User/1001")
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    paths = ["User/1001", *(f"Team/{number}" for number in range(1, int(calls)))]
    for word in await asyncio.gather(*(call(nodes, path) for path in paths)):
        print(word, flush=True)
    await nodes.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
