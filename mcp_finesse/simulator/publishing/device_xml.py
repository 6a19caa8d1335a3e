"""Elements of a User for phones on shared lines and for mobile agents."""

from __future__ import annotations

from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.devices import Device
from mcp_finesse.simulator.world.world import World
from mcp_finesse.simulator.xml_text import Element, element


def sign_in_fields(agent: Agent, world: World, node: object) -> list[Element]:
    """Return the elements that a User has for a mobile agent (guide p.69) or a phone on a shared line (12.6).

    Only the node at which a mobile agent signed in knows the agent's ``mobileAgent`` data.
    """
    fields = []
    if agent.mobile and agent.mobile_known_to is node:
        mode, number = element("mode", agent.mobile.mode), element("dialNumber", agent.mobile.dial_number)
        fields.append(element("mobileAgent", [mode, number]))
    if devices := world.shared_lines.get(agent.extension):
        fields.append(element("activeDeviceId", agent.device_id))
        fields.append(element("Devices", [_device_xml(device) for device in devices]))
    return fields


def _device_xml(device: Device) -> Element:
    fields = (("deviceId", device.id), ("deviceType", device.type), ("deviceTypeName", device.type_name))
    return element("Device", [element(*field) for field in fields])
