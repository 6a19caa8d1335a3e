"""Generates the endpoints for administrators from the tables of the configuration (guide p.205 to 314)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcp_finesse.simulator.configuration import contacts_csv, seeds
from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.records import Record, Records, maximum_exceeded
from mcp_finesse.simulator.configuration.rules import CONTACTS_IN_ALL
from mcp_finesse.simulator.configuration.singles import Single
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, parameter_missing
from mcp_finesse.simulator.rest.configuration import serviceability
from mcp_finesse.simulator.rest.configuration.routes import AdminEndpoint, AdminRequest, AdminRoute, route
from mcp_finesse.simulator.rest.configuration.teams import TeamEndpoints
from mcp_finesse.simulator.rest.exchange import Response, ok
from mcp_finesse.simulator.xml_text import Element, element

DONE = Response(200)
_CSV = "PhoneBook/{book}/Contacts/csvFileContent"


class Endpoints:
    """The endpoints of all configuration objects."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center
        self._config: Configuration = center.configuration

    def routes(self) -> list[AdminRoute]:
        """Return all routes. If several routes match a request, the first route is used."""
        config = self._config
        return [
            *self._layout_default(),
            *_crud(config.reason_codes, self._list_codes, agents=True),
            *_crud(config.wrap_up_reasons),
            *_crud(config.layouts),
            *_crud(config.phone_books),
            *_crud(config.workflows),
            *_crud(config.actions),
            *self._contacts(),
            *self._singles(),
            *TeamEndpoints(self._center).routes(),
            *serviceability.ROUTES,
        ]

    # Endpoints that differ from the generated ones

    def _list_codes(self, request: AdminRequest) -> Response:
        category = request.query.get("category", "")
        if not category:
            raise parameter_missing("category")
        if category not in ("NOT_READY", "LOGOUT", "ALL"):
            raise invalid_input("category")
        codes, is_system = self._config.reason_codes, self._config.is_system
        shown = [each for each in codes if not is_system(each) and category in ("ALL", each.text("category"))]
        answer = element("ReasonCodes", [codes.xml(each) for each in shown])
        answer.set("category", category)
        return ok(answer)

    def _layout_default(self) -> Iterator[AdminRoute]:
        path, layouts = "MediaPropertiesLayout/default", self._config.layouts

        def change(request: AdminRequest) -> Response:
            layouts.change(seeds.DEFAULT_LAYOUT_ID, request.document("MediaPropertiesLayout"))
            return DONE

        def refuse(_request: AdminRequest) -> Response:
            raise ApiProblem(405, "Method Not Allowed", "Only GET and PUT are allowed here", path)

        yield route("GET", path, lambda _request: ok(layouts.xml(layouts.get(seeds.DEFAULT_LAYOUT_ID))))
        yield route("PUT", path, change)
        yield route("POST", path, refuse)
        yield route("DELETE", path, refuse)

    # Contacts

    def _contacts(self) -> Iterator[AdminRoute]:
        def of(request: AdminRequest) -> Records:
            return self._config.contacts_of(self._config.phone_books.get(request.values["book"]))

        yield route("POST", _CSV, self._import_contacts)
        yield route("GET", _CSV, lambda request: Response(200, contacts_csv.export(of(request)), "text/csv"))
        yield route("GET", "PhoneBook/{book}/Contacts", lambda request: ok(_list(of(request), of(request))))
        yield route("POST", "PhoneBook/{book}/Contact", lambda request: _create(of(request), request))
        yield route("GET", "PhoneBook/{book}/Contact/{id}", lambda request: _get(of(request), request))
        yield route("PUT", "PhoneBook/{book}/Contact/{id}", lambda request: _change(of(request), request))
        yield route("DELETE", "PhoneBook/{book}/Contact/{id}", lambda request: _delete(of(request), request))

    def _import_contacts(self, request: AdminRequest) -> Response:
        """Import all contacts, or none if one is invalid. The status is 202, but the import is complete (p.276)."""
        config = self._config
        book = config.phone_books.get(request.values["book"])
        file = contacts_csv.uploaded_file(request.headers.get("content-type", ""), request.body)
        contacts = contacts_csv.parse(file)
        others = sum(len(each) for book_id, each in config.contacts.items() if book_id != book.id)
        if others + len(contacts) > CONTACTS_IN_ALL:
            raise maximum_exceeded("Contact")
        config.contacts_of(book).replace_all(contacts)
        return Response(202)

    # Singletons

    def _singles(self) -> Iterator[AdminRoute]:
        for single in self._config.singles.values():
            path, cce_only = single.form.path, single.form.cce_only
            yield route("GET", path, _get_single(single), cce_only=cce_only)
            yield route("PUT", path, _change_single(single), cce_only=cce_only)
        yield route("GET", "ConfigInfo", self._config_info)
        yield route("GET", "CloudConnectConfig", lambda _request: ok(_cloud_connect()))
        yield route("GET", "ECCVariableConfig", self._ecc_variables, agents=True, cce_only=True)

    def _config_info(self, _request: AdminRequest) -> Response:
        world = self._center.world
        totals = {
            "totalSkillGroups": len(world.queues),
            "totalSupervisors": sum(bool(agent.supervises) for agent in world.agents),
            "totalTeams": len(world.teams),
            "totalUsers": len(world.agents),
        }
        nodes = [element(name, number) for name, number in totals.items()]
        uri, version = element("uri", "/finesse/api/ConfigInfo"), element("versionInfo", "12.5(1)")
        return ok(element("ConfigInfo", [*nodes, uri, version]))

    def _ecc_variables(self, _request: AdminRequest) -> Response:
        variables = [
            element("ECCVariable", [element("name", each.name), element("length", each.length)])
            for each in self._center.world.ecc_variables
        ]
        return ok(element("ECCVariableConfig", variables))


def _crud(records: Records, list_: AdminEndpoint | None = None, agents: bool = False) -> Iterator[AdminRoute]:
    """Yield the routes to list, get, create, change and delete objects of one kind."""
    name = records.kind.name
    yield route("GET", records.kind.plural, list_ or (lambda _request: ok(_list(records, records))))
    yield route("POST", name, lambda request: _create(records, request))
    yield route("GET", f"{name}/{{id}}", lambda request: _get(records, request), agents=agents)
    yield route("PUT", f"{name}/{{id}}", lambda request: _change(records, request))
    yield route("DELETE", f"{name}/{{id}}", lambda request: _delete(records, request))


def _list(records: Records, shown: Iterable[Record]) -> Element:
    return element(records.kind.plural, [records.xml(each) for each in shown])


def _get(records: Records, request: AdminRequest) -> Response:
    return ok(records.xml(records.get(request.values["id"])))


def _create(records: Records, request: AdminRequest) -> Response:
    record = records.create(request.document(records.kind.name))
    return Response(200, headers={"Location": f"{request.root}{records.uri(record)}"})


def _change(records: Records, request: AdminRequest) -> Response:
    records.change(request.values["id"], request.document(records.kind.name))
    return DONE


def _delete(records: Records, request: AdminRequest) -> Response:
    records.delete(request.values["id"])
    return DONE


def _get_single(single: Single) -> AdminEndpoint:
    return lambda _request: ok(single.xml())


def _change_single(single: Single) -> AdminEndpoint:
    def change(request: AdminRequest) -> Response:
        single.change(request.document(single.form.root))
        return DONE

    return change


def _cloud_connect() -> Element:
    values = {
        "publisherAddress": "cloud-a.finesse.sim",
        "subscriberAddress": "cloud-b.finesse.sim",
        "userName": "cloudconnect",
        "password": "",
    }
    return element("CloudConnectConfig", [element(name, value) for name, value in values.items()])
