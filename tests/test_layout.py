"""Imports point one way: cli, server, session, {rest, xmpp}, model, errors. The simulator stands apart. No cycles."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mcp_finesse"
LEAVES = {
    "errors",
    "cookies",
    "globs",
    "http_progress",
    "numbers",
    "privacy",
    "redaction",
    "signals",
    "credentials",
    "proxies",
    "private_files",
    "account_guard",
    "xmpp_transports",
}
MAY_IMPORT = {
    "cookies": set(),
    "globs": set(),
    "http_progress": set(),
    "xmpp_transports": set(),
    "errors": set(),
    "numbers": set(),
    "signals": set(),
    "redaction": {"errors", "globs"},
    "privacy": {"errors", "redaction"},
    "credentials": {"errors", "numbers", "redaction"},
    "private_files": {"errors"},
    "account_guard": {"errors", "credentials", "private_files"},
    "proxies": {"errors", "numbers", "redaction"},
    "setting_checks": {"redaction"},
    "settings": {"errors", "numbers", "redaction", "setting_checks", "xmpp_transports"},
    "model": {"errors", "numbers", "redaction"},
    "rest": {
        "model",
        "errors",
        "cookies",
        "credentials",
        "http_progress",
        "numbers",
        "privacy",
        "proxies",
        "redaction",
        "account_guard",
    },
    "xmpp": {
        "cookies",
        "http_progress",
        "model",
        "errors",
        "credentials",
        "numbers",
        "privacy",
        "proxies",
        "redaction",
        "account_guard",
        "private_files",
        "xmpp_transports",
    },
    "session": {"rest", "xmpp", "model", *LEAVES},
    "server": {"session", "model", *LEAVES},
    "simulator": set(),
    "cli": {"server", "session", "settings", "simulator", "model", "rest", "xmpp", *LEAVES},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def module_name(path: Path) -> str:
    names = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@cache
def imported_names(path: Path) -> set[str]:
    """Everything a module imports from this package, at any depth of the code, ``TYPE_CHECKING`` included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where things come from"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("mcp_finesse.")}


def find_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import cycle in order, or an empty list."""
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for imported in sorted(graph.get(name, ())):
            if cycle := visit(imported, [*way, name]):
                return cycle
        done.add(name)
        return []

    return next(filter(None, (visit(name, []) for name in sorted(graph))), [])


def module_graph() -> dict[str, set[str]]:
    """The modules that each module imports."""
    known = {module_name(path) for path in modules()}
    graph: dict[str, set[str]] = {}
    for path in modules():
        name = module_name(path)
        imported = {each if each in known else each.rpartition(".")[0] for each in imported_names(path)}
        graph[name] = (imported & known) - {name}
    return graph


def imported_parts(path: Path) -> set[str]:
    """The parts of this package that a module imports."""
    return {name.split(".")[1] for name in imported_names(path)} - {"__version__"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    if part in ("__init__", "__main__"):
        return
    assert imported_parts(path) - {part} <= MAY_IMPORT[part]


def test_no_module_imports_itself_through_others() -> None:
    assert find_cycle(module_graph()) == []


def groups_of(package: str) -> dict[str, set[str]]:
    """The direct members of a package, modules and sub-packages, and which of them each one imports."""
    prefix = f"{package}."
    graph: dict[str, set[str]] = {}
    for name, imported in module_graph().items():
        if name.startswith(prefix):
            member = name.removeprefix(prefix).split(".")[0]
            members = {
                each.removeprefix(prefix).split(".")[0] for each in imported if each.startswith(prefix)
            }
            graph.setdefault(member, set()).update(members - {member})
    return graph


PACKAGES = sorted({module_name(path.parent / "__init__.py") for path in modules()})


@pytest.mark.parametrize("package", PACKAGES)
def test_the_members_of_a_package_form_a_one_way_order(package: str) -> None:
    assert find_cycle(groups_of(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folder_has_more_than_20_modules(package: str) -> None:
    folder = PACKAGE.parent / Path(*package.split("."))
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 20


def test_a_cycle_is_found() -> None:
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_describes_itself_in_one_sentence(path: Path) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text()))
    assert doc
    first, *rest = doc.splitlines()
    assert first.endswith(".")
    assert not rest or not rest[0], "an empty line follows the first sentence"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_docstrings_stand_as_statements(path: Path) -> None:
    """A text in ordinary quotes that is a statement is the lost second half of the text before it."""
    source = path.read_text()
    lost = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and not (ast.get_source_segment(source, node) or "").lstrip("rR").startswith('"""')
    ]
    assert lost == []


def test_only_one_module_of_the_client_touches_lxml() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if part_of(path) != "simulator" and "lxml" in path.read_text()
    }
    assert users <= {"model/xml.py"}


def test_only_the_http_clients_use_httpx() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and {"httpx", "httpcore"}
        & ({node.module} if isinstance(node, ast.ImportFrom) else {n.name for n in node.names})
    }
    assert users == {
        "rest/http.py",
        "rest/network_errors.py",  # the errors of rest/http
        "server/auth/fetching.py",
        "xmpp/transport/bosh/http.py",
        "proxies/http.py",  # the transport of both through a proxy
    }


def test_only_one_module_touches_private_names_of_the_sdk() -> None:
    private = ("._lowlevel_server", "._tool_manager", "session._connection", "._handle_discover")
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if part_of(path) == "server" and any(name in path.read_text() for name in private)
    }
    assert users <= {"server/sdk/server.py"}
