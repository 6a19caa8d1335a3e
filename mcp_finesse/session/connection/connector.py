"""Opens links: reads SystemInfo, verifies the password with one request, connects to the Notification Service.

Cisco specifies this order for third-party clients. In this order a wrong password uses only one of the five
sign-in attempts that Finesse allows.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import NetworkError, OutOfServiceError, PayloadError, RefusedError
from mcp_finesse.model import SystemInfo, User
from mcp_finesse.rest.api import tokens, users
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.authentication_mode import is_hybrid, wrong_credentials
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.xmpp import (
    FeedEvent,
    LinkEvent,
    LinkIdentity,
    NotificationLink,
    PriorityDecision,
    ResourceSlot,
)
from mcp_finesse.xmpp.transport.addresses import all_failed, other_transport_may_work, route_to

log = logging.getLogger(__name__)


class LinkListener(Protocol):
    """Receives the reports of a link. The methods must not block or raise, because they run inside the socket read."""

    def on_feed(self, event: FeedEvent) -> None:
        """Process a notification."""

    def on_link(self, event: LinkEvent) -> None:
        """Process the presence of Finesse, or the end of the link."""

    def on_priority(self, decision: PriorityDecision) -> None:
        """Process a change of our presence priority."""

    def on_loss(self, reason: str, since: datetime) -> None:
        """Process a report that notifications may be missing although the link is up."""


class Connector:
    """Opens links to the current node. Every link to the same node uses the same XMPP resource."""

    def __init__(self, config: SessionConfig, nodes: Nodes) -> None:
        self._config = config
        self._nodes = nodes
        self._slot: ResourceSlot | None = None
        self._slot_domain = ""

    async def identify(self) -> tuple[User, SystemInfo]:
        """Read SystemInfo without credentials. Then read the agent's User object with the password or token.

        Raises:
            ConfigurationError: Finesse expects a token in place of a password, or the reverse. Nothing was sent.
            OutOfServiceError: Finesse reports that it is out of service. The password was not sent.
            CredentialsError: The password was rejected, now or less than five minutes ago.
            CredentialSourceError: There is no password or token, or the token belongs to another user.
            SignInPausedError: One more failed sign-in attempt could lock the account.
            FinesseError: Any other error of the two requests.
        """
        info = await self._nodes.current.system_info()
        if not info.in_service:
            reason = info.status_reason or "no reason given"
            raise OutOfServiceError(f"Finesse reports the status {info.status}: {reason}.")
        self._nodes.update_from(info)
        await self._check_authentication_mode(info)
        user = await users.get_user(self._nodes.rest, self._config.credentials.user_id)
        if user.login_name:  # a token may state the login name in place of the id (guide p.188 to 199)
            names = (self._config.credentials.user_id, user.login_id or "", user.login_name)
            self._nodes.login.check_owner(filter(None, names))
        return user, info

    async def _check_authentication_mode(self, info: SystemInfo) -> None:
        """Raise ``ConfigurationError`` if Finesse expects credentials of another kind."""
        login, mode = self._nodes.login, info.system_auth_mode
        if is_hybrid(mode):
            mode = await self._mode_of_user()
        if error := wrong_credentials(login.user_id, mode, token=login.single_sign_on):
            raise error

    @sends(tokens.get_user_auth_mode)
    async def _mode_of_user(self) -> str | None:
        """Read the mode of the agent on a hybrid system. None if Finesse does not report the mode."""
        try:
            return (await tokens.get_user_auth_mode(self._nodes.rest, self._nodes.login.user_id)).auth_mode
        except (RefusedError, PayloadError) as error:  # 403: the administrator has disabled the service
            log.info("The authentication mode of the agent could not be read: %s", error)
            return None

    async def connect(self, user: User, info: SystemInfo, listener: LinkListener) -> NotificationLink:
        """Open a link. The session receives notifications from the start, even before it subscribes.

        This method does not wait for the presence of Finesse. To wait, call
        ``NotificationLink.finesse_greeting`` afterwards. The addresses are tried in order, starting with the
        last address that worked.

        Raises:
            CredentialsError: The password was rejected.
            FinesseError: Any other error that prevented the link.
        """
        failures: list[tuple[str, NetworkError]] = []
        node = self._nodes.current
        for address in sorted(node.addresses, key=lambda address: address != node.last_address):
            # read for each address, because the attempt with the previous address may have taken long
            credentials = await self._nodes.login.credentials()
            identity = self._identity(user, info, credentials)
            try:
                link = await self._open(identity, credentials, address, listener)
            except NetworkError as error:
                if not other_transport_may_work(error):
                    raise
                log.info("Transport %s failed: %s", address, error)
                failures.append((address, error))
            else:
                node.last_address = address
                return link
        raise all_failed(failures)

    async def _open(
        self, identity: LinkIdentity, credentials: Credentials, address: str, listener: LinkListener
    ) -> NotificationLink:
        login = self._nodes.login
        config, timing = self._config, self._config.link_timing
        proxy = config.proxies.to(address)
        route = route_to(address, config.make_tls, config.allow_insecure, proxy, timing.connect)
        link = NotificationLink(
            identity,
            route,
            on_feed=listener.on_feed,
            on_link=listener.on_link,
            timing=timing,
            priority=config.presence_priority,
            on_priority=listener.on_priority,
            on_loss=listener.on_loss,
            guard=self._nodes.guard,
            may_send_password=lambda: login.is_current(credentials),
        )
        try:
            await link.open(await_finesse=False)
        except BaseException:
            await link.close()
            raise
        return link

    def _identity(self, user: User, info: SystemInfo, credentials: Credentials) -> LinkIdentity:
        if not info.xmpp_domain:
            raise NetworkError("SystemInfo contains no XMPP domain.", step="http")
        user_id = user.login_id or self._config.credentials.user_id
        if self._slot is None or self._slot_domain != info.xmpp_domain:
            self.release()  # each node has its own XMPP domain, with its own reserved resource
            self._slot = ResourceSlot.acquire(self._nodes.folder.path(), user_id, info.xmpp_domain)
            self._slot_domain = info.xmpp_domain
        return LinkIdentity(
            user_id=user_id,
            password=credentials.secret,
            domain=info.xmpp_domain,
            pubsub_domain=info.xmpp_pubsub_domain or f"pubsub.{info.xmpp_domain}",
            resource=self._slot.resource,
        )

    def holder_is_alive(self, resource: str) -> bool | None:
        """Return whether the process that holds this XMPP resource of the agent is alive. None means unknown."""
        return self._slot.holder_is_alive(resource) if self._slot is not None else None

    def release(self) -> None:
        """Release the XMPP resource."""
        if self._slot is not None:
            self._slot.release()
            self._slot = None
