"""Models of the system configuration: CTI servers, database, nodes, chat and Cloud Connect (guide p.205 to 254)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model.admin.content import Content, Problem
from mcp_finesse.model.admin.limits import Between, HostName, HttpsUrl, NotEmpty
from mcp_finesse.model.wire import WireModel

_PORT = Between(1, 65535)


class Cti(Content):
    """The CTI servers. Side B is the backup of side A."""

    host: Annotated[str | None, HostName()] = None
    port: Annotated[int | None, _PORT] = Field(default=None, description="default 42027")
    backup_host: Annotated[str | None, HostName(may_be_empty=True)] = Field(
        default=None, description="not the same as host"
    )
    backup_port: Annotated[int | None, _PORT] = None
    peripheral_id: Annotated[int | None, Between(1, 32767)] = None
    secure: bool | None = Field(default=None, description="whether the connection is encrypted")

    def problems(self) -> Iterator[Problem]:
        """Require different hosts for side A and side B."""
        if self.host and self.host == self.backup_host:
            yield "host and backup_host are the same.", "Set backup_host to the B-side server."


class SystemConfigContent(Content):
    """Writable fields of the connection to the CTI servers. Changes take effect when Finesse Tomcat restarts."""

    cti: Cti | None = None


class SystemConfig(SystemConfigContent):
    """The connection to the CTI servers (UCCE)."""

    uri: str | None = None


class ConfigInfo(WireModel):
    """The numbers of configured objects."""

    total_skill_groups: int | None = None
    total_supervisors: int | None = None
    total_teams: int | None = None
    total_users: int | None = None
    version_info: str | None = None
    uri: str | None = None


class EccVariable(WireModel):
    """An ECC variable of calls, possibly an array, with its name and the maximum size of its value in bytes."""

    name: str | None = None
    length: int | None = None


class SecondaryNode(Content):
    """The secondary node of the cluster."""

    host: Annotated[str | None, HostName()] = None


class ClusterConfigContent(Content):
    """Writable fields of the cluster. If replication works, changes take effect when Finesse Tomcat restarts."""

    secondary_node: SecondaryNode | None = None


class ClusterConfig(ClusterConfigContent):
    """The other node of the cluster (UCCE)."""

    uri: str | None = None


class EnterpriseDatabaseConfigContent(Content):
    """Writable fields of the connection to the AWDB. Changes take effect when Finesse Tomcat restarts.

    The password is excluded, because a password must not be an argument of a tool. Administrators set the
    password in the administration console. Changes of other fields do not affect the password.
    """

    host: Annotated[str | None, HostName()] = None
    backup_host: Annotated[str | None, HostName(may_be_empty=True)] = None
    port: Annotated[int | None, _PORT] = None
    database_name: Annotated[str | None, NotEmpty()] = Field(default=None, description="such as ucce_awdb")
    domain: str | None = Field(default=None, description="domain of the user; omit for a database user")
    username: Annotated[str | None, NotEmpty()] = None


class EnterpriseDatabaseConfig(EnterpriseDatabaseConfigContent):
    """The connection to the AWDB (UCCE), without its password."""

    uri: str | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Remove the password if Finesse sent a password."""
        values.get("extra", {}).pop("password", None)


class ChatConfigContent(Content):
    """Writable fields of desktop chat."""

    primary_node: Annotated[str | None, HttpsUrl()] = Field(default=None, description="https address")
    secondary_node: Annotated[str | None, HttpsUrl(may_be_empty=True)] = Field(
        default=None, description="https address"
    )


class ChatConfig(ChatConfigContent):
    """The chat servers of the desktop."""

    uri: str | None = None


class CloudConnectConfig(WireModel):
    """The Cloud Connect servers, without the password."""

    publisher_address: str | None = None
    subscriber_address: str | None = None
    user_name: str | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Remove the password if Finesse sent a password."""
        values.get("extra", {}).pop("password", None)
