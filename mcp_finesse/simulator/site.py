"""Resources that the nodes of a simulated cluster share: the contact center and the certificate authority."""

from __future__ import annotations

import asyncio

from mcp_finesse.simulator.certificate_folder import CertificateFolder
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.ports.certificates import Authority
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import later_on_loop
from mcp_finesse.simulator.world.world import World


class Site:
    """The shared resources of the nodes. Create a site on a running event loop, and close it after the last node.

    Attributes:
        center: the contact center.
        authority: the certificate authority that signs the certificates of the nodes.
    """

    def __init__(self, settings: SimulatorSettings, world: World | None = None) -> None:
        later = later_on_loop(asyncio.get_running_loop())
        self.center = ContactCenter(later=later, settings=settings, world=world)
        self._folder = CertificateFolder()
        self.authority = Authority(self._folder.path)

    def close(self) -> None:
        """Delete the folder with the certificates."""
        self._folder.close()
