"""Test the certificates that exist while the simulator runs."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from mcp_finesse.simulator.ports.certificates import Authority


def test_server_certificate_is_signed_by_the_authority(tmp_path: Path) -> None:
    files = Authority(tmp_path).issue("server", "localhost", "127.0.0.1")
    trust = ssl.create_default_context(cafile=str(files.ca_file))
    assert len(trust.get_ca_certs()) == 1
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.cert_file, files.key_file, files.password)
    assert "PRIVATE" not in files.ca_file.read_text() + files.cert_file.read_text()


def test_key_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    files = Authority(tmp_path).issue("server", "localhost")
    assert stat.S_IMODE(files.key_file.stat().st_mode) == 0o600
