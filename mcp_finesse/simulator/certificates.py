"""A certificate authority of one's own, for as long as the simulator runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Paths of PEM files: the authority to trust, and the server's certificate chain and key."""

    ca_file: Path
    cert_file: Path
    key_file: Path


def issue_certificates(folder: Path, *names: str) -> CertificateFiles:
    """Make an authority and a server certificate for these host names and addresses.

    The private key of the authority is never written; the server's key is readable by its owner only.
    """
    authority = trustme.CA(organization_name="mcp-finesse simulator")
    server = authority.issue_cert(*names)
    files = CertificateFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.cert_pem.write_to_path(files.ca_file)
    for blob in server.cert_chain_pems:
        blob.write_to_path(files.cert_file, append=True)
    files.key_file.touch(mode=0o600)
    server.private_key_pem.write_to_path(files.key_file)
    return files
