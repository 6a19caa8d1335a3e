"""Validation of configuration requests before they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import Platform, traits_of
from mcp_finesse.model.admin import CATEGORIES, Content, find_problems, parse_content
from mcp_finesse.model.admin.content import ContentT, first_few
from mcp_finesse.model.admin.limits import shown
from mcp_finesse.rest.admin.configuration import CONFIGURATION, ConfigurationObject, Verb
from mcp_finesse.rest.validation import refuse

DEFAULT = "default"


def check_kind(kind: str, verb: Verb, platform: Platform | None = None) -> ConfigurationObject:
    """Return the kind with this name, which must support the verb and exist on the platform.

    Raises:
        InvalidRequestError: the kind does not exist, does not support the verb, or does not exist on the
            platform.
    """
    known = CONFIGURATION.get(kind)
    if known is None:
        refuse(f"{shown(kind)} is not a kind of configuration object.", f"Use {', '.join(CONFIGURATION)}.")
    if verb not in known.verbs:
        able = ", ".join(sorted(known.verbs))
        refuse(f"Finesse cannot {verb} {known.name} objects.", f"Possible operations: {able}.")
    if platform is not None and platform not in known.platforms:
        refuse(
            f"{kind} does not exist on {platform}.",
            "The administration of the platform itself contains this setting.",
        )
    return known


def check_id(field: str, object_id: int | str | None) -> str:
    """Return a valid database id, which consists of digits. Refuse ``-1``, which Finesse uses for "no object".

    Raises:
        InvalidRequestError: the value is not a database id.
    """
    text = "" if object_id is None else str(object_id).strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        refuse(
            f"{field} is {shown(object_id)}, which is not a database id.",
            "Give the number at the end of the object's uri; list the objects to find this number.",
        )
    return text


def locate(
    known: ConfigurationObject, verb: Verb, object_id: int | str | None, parent: int | str | None
) -> str:
    """Return the path of an object or list below the API root.

    Raises:
        InvalidRequestError: an id is missing, superfluous or invalid, or the request would delete the default object.
    """
    path = known.path_for(verb)
    if known.parent:
        path = path.replace("{parent}", check_id(f"{known.parent} id", parent))
    elif parent is not None:
        refuse(f"{known.name} objects are not part of another object.", "Omit the parent.")
    if "{id}" not in path:
        if object_id is not None and object_id != DEFAULT:
            refuse(f"There is only one {known.name}.", "Omit the id.")
        return path
    if known.default_id and object_id == DEFAULT:
        if verb is Verb.DELETE:
            refuse(f"The default {known.name} cannot be deleted.", "Change the object instead.")
        return path.replace("{id}", DEFAULT)
    return path.replace("{id}", check_id(f"{known.name} id", object_id))


def check_category(category: str) -> str:
    """Check that the value is a reason code category or ``ALL``.

    Raises:
        InvalidRequestError: the value is neither a category nor ``ALL``.
    """
    if category not in (*CATEGORIES, "ALL"):
        refuse(
            f"{shown(category)} is not a category of reason codes.", f"Use {', '.join(CATEGORIES)} or ALL."
        )
    return category


def check_content(
    kind: type[ContentT], values: Content | Mapping[str, Any], platform: Platform | None = None
) -> ContentT:
    """Return the content after validating it.

    Args:
        kind: the model to validate against.
        values: an instance of the model, an object that was read and then modified, or values by field name.
        platform: the platform, because some limits depend on the platform. None if unknown.

    Raises:
        InvalidRequestError: fields are invalid. The error names each invalid field with its limit and actual
            length.
    """
    plain: object = values
    if isinstance(values, Content):  # an object that was read has more fields than can be set
        plain = values.model_dump(exclude_unset=True, include=set(kind.model_fields) - {"extra"})
    content, problem = parse_content(kind, plain)
    if content is None:
        fields = ", ".join(name for name in kind.model_fields if name != "extra")
        refuse(f"These fields cannot be set: {problem}.", f"The fields are: {fields}.")
    if content.extra:
        refuse(f"These fields cannot be set: {shown(sorted(content.extra))}.", "Finesse has no such field.")
    problems = list(find_problems(content))
    if problems:
        refuse(first_few([message for message, _ in problems]), problems[0][1])
    _check_code(content, platform)
    return content


def check_complete(known: ConfigurationObject, content: Content) -> None:
    """Check that all fields required for a new object are given.

    Raises:
        InvalidRequestError: fields are missing. The error names the missing fields.
    """
    missing = [name for name in known.required if name not in content.given()]
    if missing:
        refuse(
            f"A new {known.name} requires {', '.join(missing)}.",
            "Give all of: " + ", ".join(known.required) + ".",
        )


def check_change(known: ConfigurationObject, content: Content) -> None:
    """Check that at least one field is given, and that all given fields can be changed (guide p.241).

    Raises:
        InvalidRequestError: no field is given, or a given field cannot be changed. The error names such fields.
    """
    given = content.given()
    fixed = sorted(given.intersection(known.fixed))
    if fixed:
        refuse(
            f"{', '.join(fixed)} of a {known.name} cannot be changed.",
            "Delete the object and create a new one.",
        )
    if not given:
        fields = [name for name in type(content).model_fields if name not in ("extra", *known.fixed)]
        refuse(f"The {known.name} already has these values.", f"Give at least one of: {', '.join(fields)}.")


def _check_code(content: Content, platform: Platform | None) -> None:
    code, most = getattr(content, "code", None), traits_of(platform).largest_reason_code if platform else None
    if code is not None and most is not None and code > most:
        refuse(f"code is {code}; on {platform} it must be 1 to {most}.", "Choose another code.")
