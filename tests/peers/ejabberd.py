"""ejabberd: gives subscription ids, one stanza in a frame and no more, no ids on its event messages."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.peers.xmpp_server import AGENT, DOMAIN, FINESSE, PASSWORD, XmppServer

_CONFIGURATION = """
loglevel: warning
hosts: ["{domain}"]
certfiles: ["{folder}/both.pem"]
ca_file: "{folder}/ca.pem"
auth_method: internal
auth_password_format: plain
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
listen:
  - port: {tls_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    tls: true
    max_stanza_size: 262144
  - port: {https_port}
    ip: "127.0.0.1"
    module: ejabberd_http
    tls: true
    request_handlers:
      /http-bind: mod_bosh
      /ws: ejabberd_http_ws
access_rules:
  pubsub_createnode:
    allow: all
  c2s:
    allow: all
modules:
  mod_bosh:
    max_inactivity: 60
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_pubsub:
    host: "pubsub.@HOST@"
    access_createnode: pubsub_createnode
    plugins: ["flat"]
    default_node_config:
      access_model: open
      publish_model: open
      send_last_published_item: never
      persist_items: false
"""
# Accounts and rosters are kept in its database; to write them again after a restart changes nothing.
_PREPARATION = """
Both = [{{<<"{agent}">>, <<"{finesse}">>}}, {{<<"{finesse}">>, <<"{agent}">>}}],
Host = <<"{domain}">>,
[begin
   ejabberd_auth:try_register(User, Host, <<"{password}">>),
   ok = mod_admin_extra:add_rosteritem(User, Host, Contact, Host, <<>>, <<>>, <<"both">>)
 end || {{User, Contact}} <- Both],
ok = file:write_file("ready", <<>>).
"""
_BINARIES = "*/ejabberd-*/ebin/ejabberd.app"


class Ejabberd(XmppServer):
    """Runs as a plain Erlang program: not by its own command, without epmd, without distribution."""

    name = "ejabberd"
    account = "ejabberd"
    install = "apt-get install ejabberd (Debian and its kin; its service need not run)"

    @classmethod
    def installed(cls) -> bool:
        return shutil.which("erl") is not None and _libraries() is not None

    def configure(self) -> None:
        texts = {"domain": DOMAIN, "folder": self.folder}
        ports = {"tls_port": self.tls_port, "https_port": self.https_port}
        (self.folder / "ejabberd.yml").write_text(_CONFIGURATION.format(**texts, **ports))
        pems = [(self.folder / name).read_text() for name in ("key.pem", "cert.pem")]
        (self.folder / "both.pem").write_text("".join(pems))

    def environment(self) -> Mapping[str, str]:
        return {
            "ERL_LIBS": str(_libraries()),
            "EJABBERD_CONFIG_PATH": str(self.folder / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"),
            "ERL_CRASH_DUMP_SECONDS": "0",
            "HOME": str(self.folder),
        }

    def command(self) -> list[str]:
        self._ready.unlink(missing_ok=True)  # of its last life
        names = {"agent": AGENT, "finesse": FINESSE, "domain": DOMAIN, "password": PASSWORD}
        return [
            "erl", "-noinput", "-mnesia", "dir", f'"{self.folder / "spool"}"',
            "-s", "ejabberd", "-eval", _PREPARATION.format(**names),
        ]  # fmt: skip

    def started(self) -> bool:
        return self._ready.exists() and self.listens()

    @property
    def _ready(self) -> Path:
        return self.folder / "ready"


def _libraries() -> Path | None:
    """Where Debian puts its Erlang code: a folder named after the machine's architecture."""
    found = sorted(Path("/usr/lib").glob(_BINARIES))
    return found[0].parents[2] if found else None
