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


class Authority:
    """An authority whose own key is never written.

    Args:
        folder: where its certificate goes, and whatever it issues.

    Attributes:
        ca_file: its certificate, to be trusted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA(organization_name="mcp-finesse simulator")
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def issue(self, server: str, *names: str) -> CertificateFiles:
        """Make a certificate for these host names and addresses of a server.

        The key is readable by its owner only.
        """
        certificate = self._authority.issue_cert(*names)
        files = CertificateFiles(self.ca_file, self._folder / f"{server}.pem", self._folder / f"{server}.key")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(files.cert_file, append=True)
        files.key_file.touch(mode=0o600)
        certificate.private_key_pem.write_to_path(files.key_file)
        return files
