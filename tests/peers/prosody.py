"""Prosody: small, strict about framing and namespaces, gives no subscription ids."""

from __future__ import annotations

import shutil

from tests.peers.xmpp_server import AGENT, DOMAIN, FINESSE, PASSWORD, PUBSUB, XmppServer

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
  admins = {{ "{finesse}@{domain}" }}
  autocreate_on_publish = false; autocreate_on_subscribe = false
"""
# Lua tables as Prosody keeps them; the entry [false] is its own note on the whole roster.
_ACCOUNT = 'return {{ ["password"] = "{password}"; }};\n'
_ROSTER = """return {{
  [false] = {{ ["version"] = 1; ["pending"] = {{}}; }};
  ["{contact}@{domain}"] = {{ ["subscription"] = "both"; ["groups"] = {{}}; }};
}};
"""


class Prosody(XmppServer):
    """Forgets subscriptions when it ends; accounts and rosters are files."""

    name = "Prosody"
    account = "prosody"
    install = "apt-get install prosody (macOS: brew install prosody)"

    @classmethod
    def installed(cls) -> bool:
        return shutil.which("prosody") is not None

    def configure(self) -> None:
        names = {"domain": DOMAIN, "pubsub": PUBSUB, "finesse": FINESSE}
        ports = {"tls_port": self.tls_port, "https_port": self.https_port}
        configuration = _CONFIGURATION.format(folder=str(self.folder), **names, **ports)
        (self.folder / "prosody.cfg.lua").write_text(configuration)
        data = self.folder / "data" / DOMAIN.replace(".", "%2e")
        for store, texts in {
            "accounts": {user: _ACCOUNT.format(password=PASSWORD) for user in (AGENT, FINESSE)},
            "roster": {
                AGENT: _ROSTER.format(contact=FINESSE, domain=DOMAIN),
                FINESSE: _ROSTER.format(contact=AGENT, domain=DOMAIN),
            },
        }.items():
            (data / store).mkdir(parents=True)
            for user, text in texts.items():
                (data / store / f"{user}.dat").write_text(text)

    def command(self) -> list[str]:
        return ["prosody", "-F", "--config", str(self.folder / "prosody.cfg.lua")]

    def started(self) -> bool:
        return self.listens()
