"""Runs the user's command that prints a password or a token: without a shell, limited in time and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from mcp_finesse.errors import CredentialSourceError, describe_error

MAX_OUTPUT_BYTES = 64 * 1024
_SECRETS = frozenset(
    {"FINESSE_PASSWORD", "FINESSE_ADMIN_PASSWORD", "FINESSE_OAUTH_CLIENT_SECRET", "FINESSE_PROXY"}
)
"""Environment variables that the command does not get."""
_END_OF_OUTPUT_SECONDS = 0.5
"""How long to wait for the end of the output after the command has ended. A background process that the command
started may keep its stdout open."""
_REAP_SECONDS = 1.0
_ADVICE = "Run the command in a terminal, as the user that runs this server, to see its error messages."


async def run_command(argv: Sequence[str], seconds: float) -> bytes:
    """Run a command and return what it wrote to stdout.

    The command gets no input. Its stderr is discarded, because it may contain secrets. If the command exceeds a limit
    or the caller is cancelled, the command and the processes of its group are killed.

    Args:
        argv: The program and its arguments.
        seconds: Time limit.

    Raises:
        CredentialSourceError: The command cannot be started, failed, or exceeded a limit. The error names only the
            program, because an argument may be a secret.
    """
    name = argv[0]
    loop = asyncio.get_running_loop()
    output = _Output(loop)
    try:
        transport, _ = await loop.subprocess_exec(
            lambda: output,
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name not in _SECRETS},
            start_new_session=sys.platform != "win32",
        )
    except (OSError, ValueError) as error:  # ValueError: a null character
        raise CredentialSourceError(
            f"The command {name!r} cannot be started: {describe_error(error)}.",
            advice="Give the full path of the program, and check that this user may run it.",
        ) from None
    try:
        async with asyncio.timeout(seconds):
            await asyncio.wait({output.exited, output.overflowed}, return_when=asyncio.FIRST_COMPLETED)
        if output.exited.done():
            await asyncio.wait({output.closed, output.overflowed}, timeout=_END_OF_OUTPUT_SECONDS)
    except TimeoutError:
        raise CredentialSourceError(
            f"The command {name!r} did not end within {seconds:g} s and was killed.", advice=_ADVICE
        ) from None
    finally:
        if not output.exited.done():
            _kill(transport)
            await asyncio.wait({output.exited}, timeout=_REAP_SECONDS)
        transport.close()
    if output.overflowed.done():
        raise CredentialSourceError(
            f"The command {name!r} printed more than {MAX_OUTPUT_BYTES} bytes and was killed.", advice=_ADVICE
        )
    if status := transport.get_returncode():
        raise CredentialSourceError(
            f"The command {name!r} failed: {_describe_status(status)}.", advice=_ADVICE
        )
    return bytes(output.data)


class _Output(asyncio.SubprocessProtocol):
    """The stdout of a command, up to the limit.

    Attributes:
        exited: Resolved when the command has ended.
        closed: Resolved at the end of the output.
        overflowed: Resolved when the output exceeds the limit. Later output is discarded.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.data = bytearray()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.overflowed: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Keep output up to the limit."""
        if len(self.data) + len(data) > MAX_OUTPUT_BYTES:
            _resolve(self.overflowed)
        else:
            self.data += data

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        """Note the end of the output."""
        _resolve(self.closed)

    def process_exited(self) -> None:
        """Note that the command has ended."""
        _resolve(self.exited)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _kill(transport: asyncio.SubprocessTransport) -> None:
    """Kill the command and the processes that it has started in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)


def _describe_status(status: int) -> str:
    if status > 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):
        return f"ended by {signal.Signals(-status).name}"
    return f"ended by signal {-status}"
