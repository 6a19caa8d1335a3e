"""A temporary certificate authority, which exists as long as the simulator runs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Paths of PEM files for the CA certificate to trust, and for the server's certificate chain and key.

    The key is encrypted with a password that is kept only in memory, so the files of a killed simulator are
    useless.
    """

    ca_file: Path
    cert_file: Path
    key_file: Path
    password: str


class Authority:
    """A certificate authority whose private key is never written to disk.

    Args:
        folder: the folder for the certificate of the authority and the certificates that it issues.

    Attributes:
        ca_file: the certificate of the authority, which clients must trust.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA(organization_name="mcp-finesse simulator")
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def issue(self, server: str, *names: str) -> CertificateFiles:
        """Issue a certificate that is valid for the given host names and addresses of a server.

        Only the owner can read the key file.
        """
        certificate = self._authority.issue_cert(*names)
        files = CertificateFiles(
            self.ca_file,
            self._folder / f"{server}.pem",
            self._folder / f"{server}.key",
            secrets.token_hex(32),
        )
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(files.cert_file, append=True)
        files.key_file.touch(mode=0o600)
        key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
        files.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(files.password.encode()),
            )
        )
        return files
