"""Results of the serviceability operations: the product version of a node."""

from __future__ import annotations

from typing import Any

from mcp_finesse.model.wire import WireModel
from mcp_finesse.model.xml import Element, local_name


class ProductVersion(WireModel):
    """The release of Finesse on a node (guide p.339)."""

    name: str | None = None
    major: str | None = None
    minor: str | None = None
    maintenance: str | None = None
    version_string: str | None = None

    @classmethod
    def values_of(cls, element: Element) -> dict[str, Any]:
        """Read the XML attributes, which only the Diagnostic Portal uses. The element may be nested in a reply."""
        found = next((each for each in element.iter() if local_name(each.tag) == "productVersion"), None)
        attributes = (
            {} if found is None else {local_name(str(name)): str(text) for name, text in found.attrib.items()}
        )
        known = {"name": "name", "major": "major", "minor": "minor", "maintenance": "maintenance"}
        known["versionString"] = "version_string"
        return {field: attributes[name] for name, field in known.items() if attributes.get(name)}
