"""All settings. The flag, the variable (``FINESSE_*``) and the key in the TOML profile have the setting's name."""

from __future__ import annotations

import codecs
import difflib
import os
import ssl
import tomllib
from pathlib import Path
from typing import Any, Literal

import truststore
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from mcp_finesse import setting_checks
from mcp_finesse.errors import ConfigurationError, describe_error
from mcp_finesse.redaction import Redaction, truncated
from mcp_finesse.xmpp_transports import AUTO, CHOICES


def default_state_dir() -> Path:
    """Return the folder for lock files and records of rejected credentials, according to XDG."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "mcp-finesse"


def default_profile() -> Path:
    """Return the path of the default profile."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "mcp-finesse" / "profile.toml"


_NO_FLAG: JsonDict = {"flag": False}
_SERVE: JsonDict = {"command": "serve"}
_SECRETS = frozenset({"password", "admin_password", "oauth_client_secret"})
_COMMANDS = frozenset({"password_command", "admin_password_command", "token_command"})


def setting_extra(field: FieldInfo) -> dict[str, Any]:
    """Return the properties of a setting that the command line uses.

    ``flag`` is False for secrets, which have no command-line option. ``command`` is the only command that has
    the option. ``choices`` are the possible values, if the type does not define them.
    """
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


class Settings(BaseSettings):
    """The settings of an MCP server. Flags override the environment, and the environment overrides the profile."""

    _warnings: tuple[str, ...] = PrivateAttr(())
    model_config = SettingsConfigDict(env_prefix="FINESSE_", extra="forbid", env_ignore_empty=True)

    profile: Path | None = Field(
        None,
        description="TOML file with settings; default: mcp-finesse/profile.toml in the user's configuration folder",
    )
    url: str | None = Field(None, description="Address of Finesse, such as https://finesse.example.com:8445")
    user: str | None = Field(
        None,
        description="Id of the agent (UCCE: peripheral number; UCCX: user id); the password comes from "
        "FINESSE_PASSWORD, password_file, password_keyring or password_command, or token_command supplies a token",
    )
    password: SecretStr | None = Field(
        None,
        description="The agent's password; not available as a flag, because other users could see it in the "
        "process list",
        json_schema_extra=_NO_FLAG,
    )
    admin_user: str | None = Field(
        None,
        description="User id of an administrator, used only by the toolset admin; the password comes from "
        "FINESSE_ADMIN_PASSWORD, admin_password_file, admin_password_keyring or admin_password_command",
        json_schema_extra=_SERVE,
    )
    admin_password: SecretStr | None = Field(
        None,
        description="The administrator's password; not available as a flag, because other users could "
        "see it in the process list",
        json_schema_extra=_NO_FLAG,
    )
    password_file: Path | None = Field(
        None,
        description="File that contains only the agent's password; other users must have no permissions on the file",
    )
    password_keyring: str | None = Field(
        None,
        min_length=1,
        description="Service name of the agent's password in the system keyring; requires mcp-finesse[keyring]",
    )
    password_command: str | list[str] | None = Field(
        None,
        repr=False,
        description="Command that prints the agent's password, run without a shell: one line or, in the profile, "
        "a list of arguments",
    )
    admin_password_file: Path | None = Field(
        None, description="Like password_file, for the administrator", json_schema_extra=_SERVE
    )
    admin_password_keyring: str | None = Field(
        None,
        min_length=1,
        description="Like password_keyring, for the administrator",
        json_schema_extra=_SERVE,
    )
    admin_password_command: str | list[str] | None = Field(
        None, repr=False, description="Like password_command, for the administrator", json_schema_extra=_SERVE
    )
    password_timeout: float = Field(
        30,
        ge=1,
        le=300,
        description="Maximum seconds to read a password or token from a file, the keyring or a command",
    )
    token_command: str | list[str] | None = Field(
        None,
        repr=False,
        description="For single sign-on, in place of a password: command that prints the agent's access token as JSON",
    )
    ca_file: Path | None = Field(
        None, description="PEM file of the authority that signed Finesse's certificate"
    )
    trust: Literal["system", "ca_file", "both"] | None = Field(
        None,
        description="Certificate authorities to trust: the operating system's, those in ca_file, or both; "
        "default: those in ca_file if it is set, otherwise the system's",
    )
    proxy: SecretStr | None = Field(
        None,
        description="HTTP proxy to Finesse, such as http://proxy.example.com:3128; none means no proxy; "
        "default: the environment variables HTTPS_PROXY and NO_PROXY. Set a proxy with a password in "
        "FINESSE_PROXY or in the profile",
    )
    notification_urls: str = Field(
        "",
        description="Addresses of the Notification Service, comma-separated, in the order in which to try them",
    )
    other_url: str | None = Field(
        None, description="Address of the other Finesse node; default: read from Finesse"
    )
    other_notification_urls: str = Field(
        "",
        description="Addresses of the other node's Notification Service, in the same form as notification_urls",
    )
    failover: bool = Field(True, description="Move to the other node when the current node fails")
    xmpp_transport: str = Field(
        AUTO,
        description="Transport to the Notification Service; auto tries WebSocket, BOSH and TCP in turn",
        json_schema_extra={"choices": list(CHOICES)},
    )
    presence_priority: Literal["auto", "0", "-1"] = Field(
        "auto",
        description="Presence priority at the Notification Service; auto is -1 while another client of "
        "the agent is connected, so that the other client (such as the Finesse desktop) keeps its "
        "notifications; otherwise auto is 0",
    )
    allow_insecure: bool = Field(
        False, description="Allow unencrypted http and ws (the password can then be read on the network)"
    )
    connect_timeout: float = Field(
        10, ge=1, le=60, description="Maximum seconds to open a connection, including the proxy"
    )
    request_timeout: float = Field(
        15,
        ge=1,
        le=60,
        description="Maximum seconds to wait for each response of Finesse, over REST and XMPP",
    )
    action_timeout: float = Field(
        45, ge=10, le=300, description="Maximum seconds for an action, from request to confirmed result"
    )
    ping_interval: float = Field(
        10,
        ge=1,
        le=20,
        description="Seconds between pings to the Notification Service; Finesse requires 20 or less",
    )
    ping_timeout: float = Field(
        10, ge=1, le=60, description="Maximum seconds to wait for the response to a ping"
    )
    ping_misses: int = Field(
        2,
        ge=1,
        le=10,
        description="Consecutive unanswered pings after which the connection counts as lost",
    )
    read_only: bool = Field(
        False, description="Send no PUT, POST or DELETE to Finesse", json_schema_extra=_SERVE
    )
    toolsets: str = Field(
        "agent",
        description="Toolsets in addition to core, comma-separated, or all",
        json_schema_extra=_SERVE,
    )
    tools: str = Field("", description="Individual tools to add, comma-separated", json_schema_extra=_SERVE)
    exclude_tools: str = Field(
        "",
        description="Tools to exclude, comma-separated; overrides toolsets and tools",
        json_schema_extra=_SERVE,
    )
    transport: Literal["stdio", "http"] = Field(
        "stdio", description="Transport for MCP clients", json_schema_extra=_SERVE
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on with --transport http", json_schema_extra=_SERVE
    )
    port: int = Field(
        8765,
        ge=0,
        le=65535,
        description="Port for --transport http; 0 chooses a free port",
        json_schema_extra=_SERVE,
    )
    allowed_hosts: str = Field(
        "",
        description="Host names that HTTP clients may use in addition to loopback and the host of public_url, "
        "comma-separated (name or name:*)",
        json_schema_extra=_SERVE,
    )
    public_url: str | None = Field(
        None,
        description="URL that HTTP clients use, such as https://finesse-mcp.example.com/mcp; default: the address "
        "that the server listens on",
        json_schema_extra=_SERVE,
    )
    tls_cert: Path | None = Field(
        None,
        description="PEM file with the server's certificate and its intermediates, for HTTP clients",
        json_schema_extra=_SERVE,
    )
    tls_key: Path | None = Field(
        None,
        description="PEM file with the key of tls_cert; default: the key is in tls_cert",
        json_schema_extra=_SERVE,
    )
    behind_tls_proxy: bool = Field(
        False,
        description="A reverse proxy encrypts the connections of HTTP clients, so this server needs no certificate",
        json_schema_extra=_SERVE,
    )
    token_file: Path | None = Field(
        None,
        description="File with the static tokens of HTTP clients, as `mcp-finesse token create` writes it",
        json_schema_extra=_SERVE,
    )
    oauth_issuer: str | None = Field(
        None,
        description="Authorization server whose access tokens HTTP clients may use, such as "
        "https://login.example.com/realms/contact-center",
        json_schema_extra=_SERVE,
    )
    oauth_audience: str | None = Field(
        None,
        description="Resource that OAuth access tokens must be issued for; default: public_url",
        json_schema_extra=_SERVE,
    )
    oauth_jwks_url: str | None = Field(
        None,
        description="URL of the signing keys of oauth_issuer (JWKS); default: the URL in its metadata, if on the same "
        "host",
        json_schema_extra=_SERVE,
    )
    oauth_introspection_url: str | None = Field(
        None,
        description="Introspection endpoint of oauth_issuer; OAuth tokens are then verified there, instead of by "
        "their signature",
        json_schema_extra=_SERVE,
    )
    oauth_client_id: str | None = Field(
        None, description="Client id of this server for introspection", json_schema_extra=_SERVE
    )
    oauth_client_secret: SecretStr | None = Field(
        None,
        description="Client secret of this server for introspection; not available as a flag, because other users "
        "could see it in the process list",
        json_schema_extra=_NO_FLAG,
    )
    confirm: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Which tool calls the user must confirm: with auto, those that change more than the agent's own "
        "state and phone calls, or call an unknown number; with always, every change; with never, none",
        json_schema_extra=_SERVE,
    )
    policy: Path | None = Field(
        None,
        description="TOML file with rules: tools, agents, teams, feeds and numbers that are allowed, limits, and "
        "required confirmations",
        json_schema_extra=_SERVE,
    )
    audit: Path | None = Field(
        None,
        description="File for the audit log, one JSON record per line; default: stderr",
        json_schema_extra=_SERVE,
    )
    audit_on_error: Literal["refuse", "warn"] = Field(
        "refuse",
        description="While the audit log cannot be written: refuse tools that change something, or only warn",
        json_schema_extra=_SERVE,
    )
    audit_size: int = Field(
        50,
        ge=1,
        le=1000,
        description="Size in megabytes after which the audit log is renamed and continued in a new file",
        json_schema_extra=_SERVE,
    )
    redact_variables: str = Field(
        "",
        description="Call variables whose values are neither shown nor logged, comma-separated; * stands for any "
        "characters, such as callVariable3,user.account*",
    )
    redact_patterns: str = Field(
        "",
        description="Regular expressions (RE2), one per line; matching text is neither shown nor logged; the "
        "profile may contain a list instead",
    )
    redact_cards: bool = Field(
        True,
        description="Payment card numbers (13 to 19 digits with a valid check digit) are neither shown nor logged",
    )
    state_dir: Path = Field(
        default_factory=default_state_dir,
        description="Folder for lock files and records of sign-in attempts (hashed)",
    )
    ecc_lengths: str = Field(
        "",
        description="Configured lengths of ECC variables in bytes, such as user.order=20, comma-separated; "
        "this MCP server refuses longer values, because Finesse would truncate them",
    )
    journal_size: int = Field(1000, ge=50, le=100_000, description="Maximum number of stored notifications")
    journal_memory: int = Field(
        64, ge=32, le=4096, description="Maximum memory in megabytes for stored notifications"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="Log level for stderr"
    )

    @field_validator(
        "ca_file",
        "state_dir",
        "audit",
        "policy",
        "tls_cert",
        "tls_key",
        "token_file",
        "password_file",
        "admin_password_file",
    )
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        if path is not None:
            setting_checks.check_path(path)
        return path and setting_checks.expanded(path)

    @field_validator("url", "other_url")
    @classmethod
    def _finesse_url(cls, text: str | None) -> str | None:
        if text is not None:
            setting_checks.check_finesse_url(text)
        return text

    @field_validator("notification_urls", "other_notification_urls")
    @classmethod
    def _addresses(cls, text: str) -> str:
        for part in text.split(","):
            setting_checks.check_address(part.strip())
        return text

    @field_validator("xmpp_transport")
    @classmethod
    def _transport(cls, name: str) -> str:
        if name not in CHOICES:
            raise ValueError(f"must be one of {', '.join(CHOICES)}")
        return name

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, address: SecretStr | None) -> SecretStr | None:
        if address is not None:
            setting_checks.check_proxy(address.get_secret_value())
        return address

    @field_validator("redact_patterns", mode="before")
    @classmethod
    def _one_per_line(cls, value: object) -> object:
        is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return "\n".join(value) if isinstance(value, list) and is_list else value

    @field_validator("redact_variables")
    @classmethod
    def _variables(cls, text: str) -> str:
        setting_checks.check_not_placeholder(text)
        return text

    @field_validator("redact_patterns")
    @classmethod
    def _expressions(cls, text: str) -> str:
        setting_checks.check_not_placeholder(text)
        try:
            Redaction.of(patterns=text.splitlines())
        except ConfigurationError as error:
            raise ValueError(str(error).rstrip(".")) from None
        return text

    @field_validator(
        "user",
        "admin_user",
        "public_url",
        "oauth_issuer",
        "oauth_audience",
        "oauth_jwks_url",
        "oauth_introspection_url",
        "oauth_client_id",
        "password_keyring",
        "admin_password_keyring",
    )
    @classmethod
    def _bare(cls, text: str | None) -> str | None:
        if text is not None:
            setting_checks.check_bare_value(text)
        return text

    @field_validator("password", "admin_password", "oauth_client_secret")
    @classmethod
    def _secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            setting_checks.check_not_placeholder(secret.get_secret_value())
        return secret

    @field_validator("password_command", "admin_password_command", "token_command")
    @classmethod
    def _command(cls, command: str | list[str] | None) -> list[str] | None:
        return None if command is None else setting_checks.split_command(command)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order of precedence: flags, environment, profile."""
        named = init_settings().get("profile") or env_settings().get("profile")
        return init_settings, env_settings, _Profile(settings_cls, named)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the log and the status, for example that other users can read a password in the profile."""
        return self._warnings

    @property
    def redaction(self) -> Redaction:
        """What is redacted in results, logs, audit log and output."""
        return Redaction.of(
            self.redact_variables.split(","), self.redact_patterns.splitlines(), self.redact_cards
        )

    def make_tls(self) -> ssl.SSLContext:
        """Create a TLS context that trusts the authorities selected by ``trust``.

        The operating system's certificate store is accessed through ``truststore``. On some systems and with
        some builds of Python, OpenSSL itself uses another store or an empty store.

        Raises:
            ConfigurationError: the required CA file is not set, does not exist, or contains no certificate.
        """
        trust = self.trust or ("ca_file" if self.ca_file else "system")
        if trust == "system":
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca_file is None:
            raise ConfigurationError(
                f"FINESSE_TRUST={trust} requires a CA file.", advice="Set FINESSE_CA_FILE to a PEM file."
            )
        try:
            if trust == "ca_file":
                return ssl.create_default_context(cafile=str(self.ca_file))
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cafile=str(self.ca_file))
            return context
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"The CA file {self.ca_file} cannot be used: {describe_error(error)}.",
                advice="Set FINESSE_CA_FILE to a readable PEM file.",
            ) from None


def profile_path(named: str | Path | None) -> Path:
    """Return the path of the named profile, or of the default profile."""
    try:
        return setting_checks.expanded(Path(named)) if named else default_profile()
    except ValueError:
        return Path(named or "")


class _Profile(TomlConfigSettingsSource):
    """The TOML profile. An explicitly named profile must exist."""

    def __init__(self, settings_cls: type[BaseSettings], named: str | Path | None) -> None:
        path = profile_path(named)
        if named and not path.is_file():
            raise ConfigurationError(
                f"There is no profile {path}.", advice="Correct --profile or FINESSE_PROFILE."
            )
        super().__init__(settings_cls, path)
        if "profile" in self.toml_data:
            raise ConfigurationError(
                f"The profile {path} must not contain the setting profile.", advice="Remove that line."
            )


def load_settings(profile: Path | None = None, **flags: Any) -> Settings:
    """Read the settings from flags, environment and profile. Flags that are None are ignored.

    Raises:
        ConfigurationError: the name or value of a setting is invalid. The message names the setting and never
            contains a secret.
    """
    given = {name: value for name, value in {**flags, "profile": profile}.items() if value is not None}
    path = profile_path(profile or os.environ.get("FINESSE_PROFILE"))
    try:
        settings = Settings(**given)
    except ValidationError as error:
        told = "; ".join(_told(item, path) for item in error.errors(include_input=False, include_url=False))
        raise ConfigurationError(
            f"Invalid setting: {told}.", advice="`mcp-finesse serve --help` lists all settings."
        ) from None
    except ValueError as error:  # the file is not TOML, is not UTF-8, or contains a number that is too long
        if path.read_bytes().startswith(codecs.BOM_UTF8):
            raise ConfigurationError(
                f"The profile {path} begins with a byte-order mark.",
                advice="Save the profile as UTF-8 without a byte-order mark.",
            ) from None
        raise ConfigurationError(f"The profile {path} is not TOML: {error}.") from None
    except OSError as error:
        raise ConfigurationError(f"The profile {path} cannot be read: {error.strerror}.") from None
    _refuse_foreign_commands(path)
    if warning := setting_checks.profile_warning(path, _SECRETS):
        settings._warnings = (warning,)
    return settings


def _refuse_foreign_commands(profile: Path) -> None:
    """Reject a profile with a command if other users can change the profile: they could run code as this user."""
    commands = sorted(_COMMANDS & _keys_of(profile))
    if commands and (why := setting_checks.changed_by_others(profile)):
        raise ConfigurationError(
            f"Other users can change the profile {profile}, which sets {commands[0]}: {why}.",
            advice=f"Become the owner of the file, and run: chmod 600 {profile}",
        )


def _told(item: ErrorDetails, profile: Path) -> str:
    """Describe the error of a setting with its name, any profile that sets it, and the most similar known name."""
    name = ".".join(truncated(str(part), 40) for part in item["loc"])
    where = f" in {profile}" if name.partition(".")[0] in _keys_of(profile) else ""
    problem = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Settings.model_fields, 1)
        problem = f"there is no such setting{f'; did you mean {near[0]}?' if near else ''}"
    elif item["type"] == "string_type":
        problem = f'the value is not text; write it in quotation marks, as {name} = "..."'
    return f"{name}{where}: {problem}"


def _keys_of(profile: Path) -> set[str]:
    try:
        return set(tomllib.loads(profile.read_text("utf-8")))
    except (OSError, ValueError):
        return set()
