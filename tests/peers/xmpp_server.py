"""An XMPP server that we did not write, as its own unprivileged process on free ports of loopback.

The part of Finesse is played by the user ``finesse``, who publishes, and who is a mutual contact of the
agent, so that each sees the other's presence.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import trustme

DOMAIN = "finesse.test"
PUBSUB = f"pubsub.{DOMAIN}"
FINESSE = "finesse"
AGENT = "5001"
PASSWORD = "secret"

START_LIMIT = 60.0
"""Seconds until a server listens, on a machine that is busy; they need 0.2 and 2."""


class XmppServer(ABC):
    """A server with two accounts; ``kill`` and ``start`` as often as a test likes, on the same ports.

    Attributes:
        name: as its makers write it.
        account: the unprivileged user of its package.
        install: what to do where it is missing.
        folder: all that it reads and writes.
        ca: what a client has to trust.
        tls_port: of XMPP over TCP with direct TLS.
        https_port: of WebSocket and BOSH.
        process: while it runs.
    """

    name: ClassVar[str]
    account: ClassVar[str]
    install: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.tls_port, self.https_port = _free_ports(2)
        self._user = _unprivileged_user(self.account)
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @abstractmethod
    def installed(cls) -> bool:
        """Whether it can be started here."""

    @abstractmethod
    def configure(self) -> None:
        """Write what it reads into the folder; the certificate is there, in ``key.pem`` and ``cert.pem``."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it, in the foreground."""

    @abstractmethod
    def started(self) -> bool:
        """Whether it is ready for clients."""

    def environment(self) -> Mapping[str, str]:
        """What it needs beside the environment of the tests."""
        return {}

    @property
    def url(self) -> str:
        """Where its WebSocket is."""
        return f"wss://localhost:{self.https_port}/ws"

    @property
    def bosh_url(self) -> str:
        """Where its BOSH is."""
        return f"https://localhost:{self.https_port}/http-bind"

    @property
    def ca_file(self) -> Path:
        """The certificate to trust, for clients that want a file."""
        return self.folder / "ca.pem"

    def client_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context

    def prepare(self) -> None:
        """Write certificate and configuration, readable by the user that it runs as."""
        # Servers end the handshake for a host name (SNI) that they have no certificate for. Valid for no longer than
        # Erlang's timers can count: ejabberd sets one for the end of each certificate, and stumbles otherwise.
        expires = datetime.now(UTC) + timedelta(days=30)
        certificate = self.ca.issue_cert(DOMAIN, PUBSUB, "localhost", "127.0.0.1", not_after=expires)
        certificate.private_key_pem.write_to_path(self.folder / "key.pem")
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(self.folder / "cert.pem", append=True)
        self.ca.cert_pem.write_to_path(self.ca_file)
        self.configure()
        if self._user is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, self._user)

    def start(self) -> None:
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [*_as_user(self._user), *self.command()], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self.folder, env=os.environ | self.environment(),
            )  # fmt: skip
        deadline = time.monotonic() + START_LIMIT
        while not self.started():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.name} did not start:\n{self.said()}")
            time.sleep(0.02)

    def said(self) -> str:
        """Its output and its logs, for the message of a failure."""
        paths = (self.folder / "output", *self.folder.glob("*.log"))
        return "\n".join(path.read_text(errors="replace") for path in paths if path.exists())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang: its sockets stay open, and nobody reads them."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def listens(self) -> bool:
        """Whether both ports take connections."""
        return all(_listens(port) for port in (self.tls_port, self.https_port))


@contextmanager
def running(kind: type[XmppServer]) -> Iterator[XmppServer]:
    """A server of this kind; gone with all it wrote at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"mcp-finesse-{kind.name.lower()}-"))
    server = kind(folder)
    try:
        server.prepare()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def running_or_skip(kind: type[XmppServer]) -> Iterator[XmppServer]:
    """The body of a fixture: skips where the server is missing, and fails there in CI."""
    if not kind.installed():
        reason = f"needs {kind.name}: {kind.install}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running(kind) as server:
        yield server


def _unprivileged_user(account: str) -> str | None:
    """Whom to run as when the tests run as root."""
    if os.geteuid() != 0:
        return None
    for name in (account, "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("no unprivileged user to run an XMPP server as")


def _as_user(user: str | None) -> list[str]:
    if user is None:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
