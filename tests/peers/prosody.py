"""Prosody, an XMPP server that we did not write, as its own unprivileged process on free ports.

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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

DOMAIN = "finesse.test"
PUBSUB = f"pubsub.{DOMAIN}"
AGENT = "5001"
PASSWORD = "secret"

_CONFIGURATION = """
local RUN = {folder!r}
pidfile = RUN.."/prosody.pid"; data_path = RUN.."/data"; log = {{ warn = RUN.."/prosody.log" }}
daemonize = false
authentication = "internal_plain"
default_storage = "memory"; storage = {{ accounts = "internal", roster = "internal" }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq", "bosh", "websocket" }}
modules_disabled = {{ "s2s", "offline" }}
interfaces = {{ "127.0.0.1" }}; http_interfaces = interfaces; https_interfaces = interfaces
local tls = {{ key = RUN.."/key.pem"; certificate = RUN.."/cert.pem" }}
ssl = tls; https_ssl = tls; c2s_direct_tls_ssl = tls
c2s_ports = {{}}; s2s_ports = {{}}; http_ports = {{}}
c2s_direct_tls_ports = {{ {tls_port} }}; https_ports = {{ {https_port} }}
c2s_require_encryption = true; consider_websocket_secure = true; consider_bosh_secure = true
http_default_host = "{domain}"; http_paths = {{ websocket = "/ws"; bosh = "/http-bind" }}
bosh_max_inactivity = 60; bosh_max_wait = 60
VirtualHost "{domain}"
Component "{pubsub}" "pubsub"
  admins = {{ "finesse@{domain}" }}
  autocreate_on_publish = true; autocreate_on_subscribe = true
"""
# Lua tables as Prosody keeps them; the entry [false] is its own note on the whole roster.
_ACCOUNT = 'return {{ ["password"] = "{password}"; }};\n'
_ROSTER = """return {{
  [false] = {{ ["version"] = 1; ["pending"] = {{}}; }};
  ["{contact}@{domain}"] = {{ ["subscription"] = "both"; ["groups"] = {{}}; }};
}};
"""


@dataclass
class Prosody:
    """A running server; ``kill`` and ``start`` as often as a test likes, on the same ports.

    Attributes:
        url: where its WebSocket is.
        bosh_url: where its BOSH is.
        tls_port: of XMPP over TCP with direct TLS.
        ca: what a client has to trust.
    """

    folder: Path
    ca: trustme.CA
    tls_port: int
    https_port: int
    user: str | None
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"wss://localhost:{self.https_port}/ws"

    @property
    def bosh_url(self) -> str:
        return f"https://localhost:{self.https_port}/http-bind"

    def client_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        return context

    def start(self) -> None:
        command = ["prosody", "-F", "--config", str(self.folder / "prosody.cfg.lua")]
        if self.user is not None:  # it refuses to run as root
            command = [
                "setpriv",
                f"--reuid={self.user}",
                f"--regid={_group(self.user)}",
                "--clear-groups",
                *command,
            ]
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd=self.folder)
        deadline = time.monotonic() + 20
        while not all(_listens(port) for port in (self.tls_port, self.https_port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Prosody did not start:\n{self.said()}")
            time.sleep(0.02)

    def said(self) -> str:
        """Its output and its log, for the message of a failure."""
        paths = (self.folder / "output", self.folder / "prosody.log")
        return "\n".join(path.read_text(errors="replace") for path in paths if path.exists())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang: its sockets stay open, and nobody reads them."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None


@contextmanager
def running_prosody() -> Iterator[Prosody]:
    """Prosody with two accounts, ``finesse`` and the agent; gone with all it wrote at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mcp-finesse-prosody-"))
    server = Prosody(folder, trustme.CA(), *_free_ports(2), user=_unprivileged_user())
    try:
        _write_files(server)
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def prosody_or_skip() -> Iterator[Prosody]:
    """The body of a fixture: skips where Prosody is missing, and fails there in CI."""
    if shutil.which("prosody") is None:
        reason = "needs Prosody: apt-get install prosody (macOS: brew install prosody)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_prosody() as server:
        yield server


def _write_files(server: Prosody) -> None:
    folder = server.folder
    names = {"domain": DOMAIN, "pubsub": PUBSUB}
    ports = {"tls_port": server.tls_port, "https_port": server.https_port}
    (folder / "prosody.cfg.lua").write_text(_CONFIGURATION.format(folder=str(folder), **names, **ports))
    # Prosody ends the handshake for a host name (SNI) that it has no certificate for.
    certificate = server.ca.issue_cert(DOMAIN, PUBSUB, "localhost")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    data = folder / "data" / DOMAIN.replace(".", "%2e")
    for store, texts in {
        "accounts": {user: _ACCOUNT.format(password=PASSWORD) for user in (AGENT, "finesse")},
        "roster": {
            AGENT: _ROSTER.format(contact="finesse", domain=DOMAIN),
            "finesse": _ROSTER.format(contact=AGENT, domain=DOMAIN),
        },
    }.items():
        (data / store).mkdir(parents=True)
        for user, text in texts.items():
            (data / store / f"{user}.dat").write_text(text)
    if server.user is not None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, server.user)


def _unprivileged_user() -> str | None:
    """Whom to run as when the tests run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("prosody", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("no unprivileged user to run Prosody as")


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


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
