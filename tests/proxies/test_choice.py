"""Which proxy leads where: the user's setting, else the environment with its exemptions."""

from __future__ import annotations

import ssl

import pytest

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxies
from mcp_finesse.proxies.choice import is_exempt, is_loopback

FINESSE = "https://fin.example.com:8445"


def chosen(url: str, own: str | None = None, **environment: str) -> str | None:
    proxy = Proxies.of(own, environment, ssl.create_default_context).to(url)
    return proxy.url if proxy else None


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        pytest.param(FINESSE, {}, None, id="nothing is set"),
        pytest.param(FINESSE, {"HTTPS_PROXY": "http://p:3128"}, "http://p:3128", id="https"),
        pytest.param(FINESSE, {"https_proxy": "http://p:3128"}, "http://p:3128", id="in lower case"),
        pytest.param(
            FINESSE, {"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:2"}, "http://low:1", id="both"
        ),
        pytest.param(
            FINESSE, {"https_proxy": "", "HTTPS_PROXY": "http://up:2"}, None, id="empty in lower case"
        ),
        pytest.param(FINESSE, {"HTTP_PROXY": "http://p:3128"}, None, id="HTTP_PROXY is not for https"),
        pytest.param(
            "wss://fin.example.com/ws",
            {"HTTPS_PROXY": "p:3128"},
            "http://p:3128",
            id="WebSocket, bare address",
        ),
        pytest.param(
            "xmpps://fin.example.com:5223",
            {"HTTPS_PROXY": "http://p:3128"},
            "http://p:3128",
            id="TCP with TLS",
        ),
        *(
            pytest.param(url, {"HTTP_PROXY": "http://p", "HTTPS_PROXY": "http://q"}, "http://p:80", id=url)
            for url in ("http://fin.example.com", "ws://fin.example.com:7071/ws", "xmpp://fin.example.com")
        ),
        pytest.param(
            FINESSE, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, .example.com"}, None, id="exempt"
        ),
        pytest.param(
            "xmpps://fin.example.com",
            {"HTTPS_PROXY": "http://p:1", "no_proxy": "example.com:5223"},
            None,
            id="exempt by the usual port",
        ),
        pytest.param(
            "wss://fin.example.com/ws",
            {"HTTPS_PROXY": "http://p:1", "no_proxy": "example.com:5223"},
            "http://p:1",
            id="exempt for another port",
        ),
        *(
            pytest.param(f"https://{host}:8445", {"HTTPS_PROXY": "http://p:1"}, None, id=host)
            for host in ("localhost", "LOCALHOST.", "a.localhost", "127.8.0.1", "[::1]", "[::ffff:127.0.0.1]")
        ),
        pytest.param(
            "https://10.0.0.1", {"HTTPS_PROXY": "http://[fd00::1]:8080"}, "http://[fd00::1]:8080", id="IPv6"
        ),
    ],
)
def test_the_environment_decides(url: str, environment: dict[str, str], expected: str | None) -> None:
    assert chosen(url, **environment) == expected


@pytest.mark.parametrize(
    ("own", "url", "expected"),
    [
        ("http://mine:3128", FINESSE, "http://mine:3128"),
        (" mine ", FINESSE, "http://mine:80"),
        ("https://mine", FINESSE, "https://mine:443"),
        ("http://mine:3128", "https://localhost:8445", "http://mine:3128"),
        ("none", FINESSE, None),
        ("None", FINESSE, None),
    ],
)
def test_a_setting_wins_over_the_environment_and_over_its_exemptions(
    own: str, url: str, expected: str | None
) -> None:
    assert chosen(url, own, HTTPS_PROXY="http://p:1", NO_PROXY="*") == expected


def test_without_settings_there_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    assert Proxies().to(FINESSE) is None


@pytest.mark.parametrize(
    ("host", "port", "rules", "exempt"),
    [
        ("fin.example.com", 8445, "", False),
        ("fin.example.com", 8445, "*", True),
        ("fin.example.com", 8445, "a, *", True),
        ("fin.example.com", 8445, "fin.example.com", True),
        ("fin.example.com", 8445, "FIN.Example.COM.", True),
        ("FIN.example.com.", 8445, "fin.example.com", True),
        ("fin.example.com", 8445, "example.com", True),
        ("fin.example.com", 8445, ".example.com", True),
        ("fin.example.com", 8445, "*.example.com", True),
        ("example.com", 8445, ".example.com", True),
        ("fin.example.com", 8445, "ample.com", False),
        ("fin.example.com", 8445, "fin", False),
        ("fin.example.com", 8445, "sub.fin.example.com", False),
        ("fin.example.com", 8445, "a b\tfin.example.com", True),
        ("fin.example.com", 8445, ",, ,", False),
        ("fin.example.com", 8445, ".", False),
        ("fin.example.com", 8445, "fin.example.com:8445", True),
        ("fin.example.com", 8445, "example.com:8445", True),
        ("fin.example.com", 7443, "fin.example.com:8445", False),
        ("fin.example.com", 8445, "10.0.0.0/8", False),
        ("10.1.2.3", 8445, "10.1.2.3", True),
        ("10.1.2.3", 8445, "10.1.2.3:8445", True),
        ("10.1.2.3", 443, "10.1.2.3:8445", False),
        ("10.1.2.3", 8445, "10.0.0.0/8", True),
        ("10.1.2.3", 8445, "10.1.2.3/8", True),
        ("11.1.2.3", 8445, "10.0.0.0/8", False),
        ("10.1.2.3", 8445, "10.0.0.0/99", False),
        ("10.1.2.3", 8445, "10.0.0.0/8:8445", True),
        ("10.1.2.3", 443, "10.0.0.0/8:8445", False),
        ("11.1.2.3", 8445, "10.0.0.0/8:8445", False),
        ("10.1.2.3", 8445, "10.0.0.0/8:", False),
        ("10.1.2.3", 8445, "fd00::/8", False),
        ("10.1.2.3", 8445, "2.3", False),
        ("fd00::5", 8445, "fd00::/8", True),
        ("fd00::5", 8445, "[fd00::/8]", True),
        ("fd00::5", 8445, "[fd00::/8]:8445", True),
        ("fd00::5", 443, "[fd00::/8]:8445", False),
        ("fd00::5", 8445, "fd00:0::5", True),
        ("fd00::5", 8445, "[fd00::5]", True),
        ("fd00::5", 8445, "[fd00::5]:8445", True),
        ("fd00::5", 443, "[fd00::5]:8445", False),
        ("fd00::5", 8445, "fin.example.com", False),
    ],
)
def test_what_no_proxy_exempts(host: str, port: int, rules: str, exempt: bool) -> None:
    assert is_exempt(host, port, rules) is exempt


@pytest.mark.parametrize(
    "host", ["fin.example.com", "notlocalhost", "10.0.0.1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_what_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("HTTPS_PROXY", "socks5://u:hunter2@p:1080", "HTTPS_PROXY names a SOCKS proxy"),
        ("HTTPS_PROXY", "socks5h://p", "HTTPS_PROXY names a SOCKS proxy"),
        ("HTTPS_PROXY", "ftp://u:hunter2@p", "HTTPS_PROXY is not an address of a proxy"),
        ("HTTPS_PROXY", "http://u:hunter2@", "HTTPS_PROXY is not an address of a proxy"),
        ("HTTPS_PROXY", "http://u:hunter#2@p:3128", "HTTPS_PROXY is not an address of a proxy"),
        ("HTTPS_PROXY", "http://p:0", "HTTPS_PROXY is not an address of a proxy"),
        ("HTTPS_PROXY", "http://p:70000", "HTTPS_PROXY is not an address of a proxy"),
        ("HTTPS_PROXY", "http://[::1", "HTTPS_PROXY is not an address of a proxy"),
        ("own", "socks4://u:hunter2@p", "FINESSE_PROXY names a SOCKS proxy"),
        ("own", "http://", "FINESSE_PROXY is not an address of a proxy"),
    ],
)
def test_what_is_no_http_proxy_is_refused_by_the_name_of_its_setting(
    variable: str, text: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        chosen(FINESSE, **{variable: text})
    assert "hunter" not in str(caught.value)
    assert "http://HOST:PORT" in caught.value.advice


def test_a_useless_variable_does_not_disturb_where_it_does_not_count() -> None:
    assert chosen("https://localhost:8445", HTTPS_PROXY="socks5://p") is None
    assert chosen(FINESSE, HTTPS_PROXY="socks5://p", NO_PROXY="example.com") is None


def test_no_representation_shows_credentials() -> None:
    for proxies in (
        Proxies.of("http://u:hunter2@p:1", {}, ssl.create_default_context),
        Proxies.of(None, {"HTTPS_PROXY": "http://u:hunter2@p:1"}, ssl.create_default_context),
    ):
        proxy = proxies.to(FINESSE)
        assert proxy is not None
        shown = repr(proxies) + repr(proxy) + str(proxy) + proxy.url + str(proxy.failure("fin:8445", "no"))
        assert "hunter2" not in shown
        assert proxy.authorization == "Basic dTpodW50ZXIy"
        assert proxy.authorization not in shown


def test_credentials_may_be_percent_encoded_or_without_a_password() -> None:
    for text, value in (
        ("http://u%40d:p%3A%2F%23@p", "dUBkOnA6LyM="),
        ("USER:PASSWORD@p:3128", "VVNFUjpQQVNTV09SRA=="),
        ("http://u@p", "dTo="),
        ("http://p", ""),
    ):
        proxy = Proxies(own=text).to(FINESSE)
        assert proxy is not None
        assert proxy.authorization == (f"Basic {value}" if value else "")
