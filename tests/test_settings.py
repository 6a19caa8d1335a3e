"""Settings: flags win over the environment, the environment over the profile; a secret is never shown."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import SessionTiming
from mcp_finesse.setting_checks import profile_warning
from mcp_finesse.settings import Settings, default_profile, default_state_dir, load_settings
from mcp_finesse.xmpp import LinkTiming

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("FINESSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def profile(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text)
    return path


def default(text: str) -> None:
    default_profile().parent.mkdir(parents=True)
    default_profile().write_text(text)


def test_nothing_must_be_set(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.url, settings.user, settings.password) == (None, None, None)
    assert (settings.transport, settings.host, settings.port) == ("stdio", "127.0.0.1", 8765)
    assert (settings.read_only, settings.allow_insecure) == (False, False)
    assert settings.state_dir == tmp_path / "state" / "mcp-finesse" == default_state_dir()


def test_flags_win_over_the_environment_and_that_over_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = profile(tmp_path, 'url = "https://profile:8445"\nuser = "profile"\nport = 1\nread_only = true\n')
    monkeypatch.setenv("FINESSE_USER", "environment")
    monkeypatch.setenv("FINESSE_PORT", "2")
    settings = load_settings(profile=path, port=3, url=None)
    assert (settings.url, settings.user, settings.port) == ("https://profile:8445", "environment", 3)
    assert settings.read_only is True


def test_a_flag_can_switch_off_what_the_environment_switches_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINESSE_ALLOW_INSECURE", "true")
    assert load_settings().allow_insecure is True
    assert load_settings(allow_insecure=False).allow_insecure is False


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINESSE_USER", "")
    assert load_settings(profile=profile(tmp_path, 'user = "profile"')).user == "profile"


def test_the_default_profile_is_read_if_there_is_one() -> None:
    default('user = "default"')
    assert load_settings().user == "default"


def test_a_profile_can_be_named_in_the_environment_and_replaces_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default('user = "default"\nport = 1')
    monkeypatch.setenv("FINESSE_PROFILE", str(profile(tmp_path, 'user = "named"')))
    assert (load_settings().user, load_settings().port) == ("named", 8765)


def test_the_flag_wins_over_the_environment_for_the_profile_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINESSE_PROFILE", "/nosuch/profile.toml")
    assert load_settings(profile=profile(tmp_path, 'user = "flag"')).user == "flag"
    assert os.environ["FINESSE_PROFILE"] == "/nosuch/profile.toml"


def test_a_profile_that_was_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no profile /nosuch/profile\.toml"):
        load_settings(profile=Path("/nosuch/profile.toml"))
    assert "FINESSE_PROFILE" not in os.environ
    monkeypatch.setenv("FINESSE_PROFILE", "/nosuch/other.toml")
    with pytest.raises(ConfigurationError, match=r"other\.toml"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url = ", "some.toml is not TOML"),
        ("readonly = true", "some.toml: there is no such setting; did you mean read_only?"),
        ('[server]\nurl = "https://finesse"', "some.toml: there is no such setting"),
        ('port = "many"', "some.toml: Input should be a valid integer"),
        ('read_only = "perhaps"', "some.toml: Input should be a valid boolean"),
        ('transport = "pigeon"', "some.toml: Input should be 'stdio' or 'http'"),
        ("journal_size = 3", "some.toml: Input should be greater than or equal to 50"),
    ],
    ids=["no TOML", "unknown name", "table", "integer", "boolean", "choice", "range"],
)
def test_what_is_wrong_in_a_profile_is_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(profile=profile(tmp_path, text))
    assert said in str(caught.value)


def test_a_profile_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_bytes(b'user = "\xff"')
    with pytest.raises(ConfigurationError, match=r"some\.toml is not TOML"):
        load_settings(profile=path)


def test_a_profile_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = profile(tmp_path, 'user = "1001"')
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ConfigurationError, match=r"some\.toml cannot be read: Permission denied"):
        load_settings(profile=path)


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"readonly: there is no such setting; did you mean read_only\?"
    ):
        load_settings(readonly=True)


@pytest.mark.parametrize("place", ["profile", "environment"])
def test_the_password_is_in_no_representation(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "environment":
        monkeypatch.setenv("FINESSE_PASSWORD", SECRET)
        settings = load_settings()
    else:
        settings = load_settings(profile=profile(tmp_path, f'password = "{SECRET}"'))
    assert settings.password is not None
    assert settings.password.get_secret_value() == SECRET
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())):
        assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    [
        f'password = ["{SECRET}"]',
        f'password = "{SECRET}"\nport = "many"',
        f'pasword = "{SECRET}"',
        f'password = "{SECRET}',
        f'password = {{ value = "{SECRET}" }}',
    ],
    ids=["list", "other error", "misspelt", "unfinished", "table"],
)
def test_the_password_is_in_no_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(profile=profile(tmp_path, text))
    error = caught.value
    assert SECRET not in str(error)
    assert SECRET not in repr(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_the_ca_file_is_trusted_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    context = Settings(ca_file=path).make_tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "empty"])
def test_a_ca_file_that_is_none_is_named(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"ca\.pem") as caught:
        Settings(ca_file=path).make_tls()
    assert "FINESSE_CA_FILE" in str(caught.value)


@pytest.mark.parametrize(
    ("trust", "with_file", "system", "file"),
    [
        (None, False, True, False),
        (None, True, False, True),
        ("system", False, True, False),
        ("system", True, True, False),
        ("ca_file", True, False, True),
        ("both", True, True, True),
    ],
)
def test_who_is_trusted(
    trust: Any, with_file: bool, system: bool, file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorities = {"system": trustme.CA(), "file": trustme.CA()}
    for name, authority in authorities.items():
        authority.cert_pem.write_to_path(tmp_path / f"{name}.pem")
    # What OpenSSL, and on Linux so the system's store, takes for the store of the system.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    settings = Settings(trust=trust, ca_file=tmp_path / "file.pem" if with_file else None)
    assert {name: trusts(settings.make_tls(), authority) for name, authority in authorities.items()} == {
        "system": system,
        "file": file,
    }


def trusts(client: ssl.SSLContext, authority: trustme.CA) -> bool:
    """Whether a handshake with a server of this authority comes to its end, over no network."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("fin.test").configure_cert(server)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname="fin.test"),
        server.wrap_bio(up, down, server_side=True),
    ]
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError:
            return False
    return True


@pytest.mark.parametrize("trust", [None, "system", "ca_file", "both"])
def test_whoever_is_trusted_names_are_checked(trust: Any, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    context = Settings(trust=trust, ca_file=path).make_tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("trust", ["ca_file", "both"])
def test_to_trust_a_ca_file_takes_one(trust: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"FINESSE_TRUST={trust} requires a CA file"):
        Settings(trust=trust).make_tls()


def test_the_limits_are_those_of_the_parts_unless_set() -> None:
    settings = Settings()
    assert settings.connect_timeout == LinkTiming().connect == RestTimeouts().connect
    assert settings.request_timeout == RestTimeouts().answer
    assert settings.action_timeout == SessionTiming().action
    assert settings.ping_interval == LinkTiming().ping_interval
    assert settings.ping_timeout == LinkTiming().ping_timeout
    assert settings.ping_misses == LinkTiming().ping_misses


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect_timeout", 0.5),
        ("connect_timeout", 61),
        ("request_timeout", 0),
        ("request_timeout", float("nan")),
        ("action_timeout", 9),
        ("action_timeout", float("inf")),
        ("ping_interval", 0),
        ("ping_interval", 20.1),
        ("ping_timeout", -1),
        ("ping_misses", 0),
        ("ping_misses", 1.5),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings(**{name: value})


def test_the_credentials_of_a_proxy_are_in_no_representation_and_in_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FINESSE_PROXY", f"http://u:{SECRET}@p:3128")
    settings = load_settings()
    assert settings.proxy is not None
    assert settings.proxy.get_secret_value() == f"http://u:{SECRET}@p:3128"
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in shown
    with pytest.raises(ConfigurationError) as caught:
        load_settings(port="many")
    assert SECRET not in str(caught.value)


def test_a_tilde_is_the_home_folder_wherever_a_path_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients start servers without a shell, which would have replaced it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    profile(tmp_path, 'ca_file = "~/ca.pem"\nstate_dir = "~/state"\n')
    monkeypatch.setenv("FINESSE_PROFILE", "~/some.toml")
    settings = load_settings()
    assert (settings.ca_file, settings.state_dir) == (tmp_path / "ca.pem", tmp_path / "state")


def test_a_home_folder_that_does_not_exist_is_no_crash() -> None:
    with pytest.raises(ConfigurationError, match=r"ca_file: .*home"):
        load_settings(ca_file="~nobody-of-this-name/ca.pem")
    with pytest.raises(ConfigurationError, match="There is no profile"):
        load_settings(profile=Path("~nobody-of-this-name/some.toml"))


URL_SETTINGS = ("url", "other_url", "notification_urls", "other_notification_urls")


@pytest.mark.parametrize("name", URL_SETTINGS)
@pytest.mark.parametrize(
    "address", ["xmpps://ada:{0}@host", "https://{0}@host:8445/x", "wss://h/ws,wss://a:{0}@h/ws"]
)
def test_password_in_an_address_is_refused_and_not_repeated(name: str, address: str) -> None:
    with pytest.raises(ConfigurationError, match="user id or a password") as caught:
        load_settings(**{name: address.format(SECRET)})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["password", "admin_password", "user", "admin_user", *URL_SETTINGS])
@pytest.mark.parametrize(
    "value",
    [
        "${FINESSE_PASSWORD}",
        "%FINESSE_PASSWORD%",
        "<password>",
        "$(secret)",
        "{{ password }}",
        "$FINESSE_URL",
    ],
)
def test_placeholder_that_was_not_replaced_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"FINESSE_{name.upper()}", value)
    with pytest.raises(ConfigurationError, match=f"{name}: the value is .*not replaced"):
        load_settings()


@pytest.mark.parametrize(
    "address",
    [
        "${PROXY}",
        "http://${PROXY_HOST}:3128",
        "http://<proxy>:3128",
        "proxy.example.com:${PORT}",
        "http://ada:${PROXY_PASSWORD}@proxy.example.com:3128",
        "http://ada:<password>@proxy.example.com:3128",
        "http://ada:%PROXY_PASSWORD%@proxy.example.com:3128",
        "http://ada:%24%7BPROXY_PASSWORD%7D@proxy.example.com:3128",
        "http://{{user}}:secret@proxy.example.com:3128",
    ],
)
def test_placeholder_in_the_address_of_a_proxy_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy: the value is a placeholder") as caught:
        load_settings(proxy=address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["none", "http://proxy:3128", "https://[::1]:3128/", "http://a:$ecret%25@p:1", "http://a:x${y}z@p:1"],
)
def test_address_of_a_proxy_with_odd_characters_is_no_placeholder(address: str) -> None:
    settings = load_settings(proxy=address)
    assert settings.proxy is not None
    assert settings.proxy.get_secret_value() == address


@pytest.mark.parametrize("name", URL_SETTINGS)
@pytest.mark.parametrize("host", ["<finesse-host>", "${FINESSE_HOST}", "%HOST%"])
def test_placeholder_instead_of_the_host_is_refused(name: str, host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: the value is a placeholder"):
        load_settings(**{name: f"https://{host}:8445"})


@pytest.mark.parametrize("name", ["ca_file", "state_dir"])
@pytest.mark.parametrize("path", ["${HOME}/x", "<folder>", "'/x'", " /x"])
def test_path_with_a_placeholder_quotes_or_blanks_is_refused(name: str, path: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}: the value "):
        load_settings(**{name: path})


def test_every_setting_for_a_credential_or_an_address_is_checked_for_placeholders() -> None:
    """A new secret or address without a check fails here; the others cannot hold either."""
    free = {
        "profile", "xmpp_transport", "ecc_lengths", "toolsets", "tools", "exclude_tools", "host", "allowed_hosts",
    }  # fmt: skip
    for name, field in Settings.model_fields.items():
        if field.annotation in (str, str | None, SecretStr | None, Path, Path | None) and name not in free:
            with pytest.raises(ConfigurationError, match=f"{name}: the value is a placeholder"):
                load_settings(**{name: "${FINESSE_SOMETHING}"})


@pytest.mark.parametrize("password", ["$ecret", "100%", "<3you>4", "${", "%", "a<b>", "$a}", "{{1}}", " x "])
def test_password_with_odd_characters_is_no_placeholder(password: str) -> None:
    settings = load_settings(password=password)
    assert settings.password is not None
    assert settings.password.get_secret_value() == password


@pytest.mark.parametrize("name", ["url", "user", "admin_user", "other_url", "proxy"])
@pytest.mark.parametrize(
    ("around", "says"),
    [(" {0}", "whitespace"), ("{0}\n", "whitespace"), ('"{0}"', "quotation"), ("'{0}'", "quotation")],
)
def test_blanks_and_quotes_around_a_value_are_named(name: str, around: str, says: str) -> None:
    value = "https://finesse.example.com:8445" if "url" in name else "1001"
    with pytest.raises(ConfigurationError, match=f"{name}: the value (begins|ends) .*{says}"):
        load_settings(**{name: around.format(value)})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://finesse.example.com:8445/desktop", "use the address without /desktop"),
        ("https://finesse.example.com:8445/desktop/container/", "use the address without /desktop"),
        ("https://finesse.example.com:443", "443 is .*8445"),
        ("https://finesse.example.com", "has no port, .*443.*8445"),
        ("https://finesse.example.com:8443", "8443 is .*8445"),
        ("http://finesse.example.com:8082/desktop", "use the address without /desktop"),
        ("http://finesse.example.com:8082", "8082 is .*8445"),
    ],
)
def test_usual_mistakes_in_the_url_are_named(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load_settings(url=url)


def test_profile_error_names_file_key_and_nearest_key(tmp_path: Path) -> None:
    path = profile(tmp_path, 'user = 1001\nurll = "https://h:8445"\n')
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    said = str(caught.value)
    assert f'user in {path}: the value is not text; write it in quotation marks, as user = "..."' in said
    assert f"urll in {path}: there is no such setting; did you mean url?" in said


def test_profile_with_a_byte_order_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b'\xef\xbb\xbfuser = "1001"\n')
    with pytest.raises(ConfigurationError, match=f"{path} begins with a byte-order mark"):
        load_settings(path)


@pytest.mark.skipif(os.name == "nt", reason="file modes of POSIX")
@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        ('password = "x"', 0o644, True),
        ('admin_password = "x"', 0o640, True),
        ('password = "x"', 0o600, False),
        ('user = "1001"', 0o644, False),
    ],
)
def test_profile_with_a_password_that_others_can_read_is_reported(
    text: str, mode: int, warned: bool, tmp_path: Path
) -> None:
    path = profile(tmp_path, text)
    path.chmod(mode)
    warning = profile_warning(path, {"password", "admin_password"})
    assert bool(warning) is warned
    assert not warned or f"chmod 600 {path}" in warning
    assert load_settings(path).warnings == ((warning,) if warned else ())


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("text", "mode", "refused"),
    [
        ("password_command = ['x']", 0o620, True),
        ("token_command = ['x']", 0o602, True),
        ("admin_password_command = ['x']", 0o666, True),
        ("password_command = ['x']", 0o644, False),
        ('user = "1001"', 0o666, False),
    ],
)
def test_profile_with_a_command_that_others_can_change_is_refused(
    text: str, mode: int, refused: bool, tmp_path: Path
) -> None:
    path = profile(tmp_path, text)
    path.chmod(mode)
    if not refused:
        assert load_settings(path) is not None
        return
    with pytest.raises(ConfigurationError, match="Other users can change the profile") as caught:
        load_settings(path)
    assert f"chmod 600 {path}" in caught.value.advice


def test_redaction_is_read_from_all_forms_of_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("redact_variables = 'callVariable3, user.*'\nredact_patterns = ['ACC-\\d+', 'x{3}']\n")
    listed = load_settings(profile=profile).redaction
    assert [listed.hides(name) for name in ("CallVariable3", "user.a", "callVariable4")] == [
        True,
        True,
        False,
    ]
    assert listed.text("ACC-1 xxx 4111111111111111") == "[redacted] [redacted] [redacted]"
    monkeypatch.setenv("FINESSE_REDACT_PATTERNS", "ACC-\\d+\n\n  x{3}\n")
    monkeypatch.setenv("FINESSE_REDACT_CARDS", "false")
    assert (
        load_settings().redaction.text("ACC-1 xxx 4111111111111111")
        == "[redacted] [redacted] 4111111111111111"
    )
    assert load_settings(redact_variables="").redaction.variables == ()


@pytest.mark.parametrize("value", ["ok\n(bad", ["ok", "(bad"]])
def test_bad_redaction_pattern_is_named_with_its_position(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"redact_patterns: .*'\(bad' is not valid at position 1"):
        load_settings(redact_patterns=value)
