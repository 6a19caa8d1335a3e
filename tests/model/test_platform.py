"""What differs between UCCE and UCCX."""

from __future__ import annotations

import pytest

from mcp_finesse.model import AgentState, CallAction, Platform, SystemInfo, platform_of, traits_of


@pytest.mark.parametrize(
    ("name", "platform"),
    [("UCCE", Platform.UCCE), ("uccx ", Platform.UCCX), ("PCCE", None), (None, None)],
)
def test_the_platform_is_what_system_info_says(name: str | None, platform: Platform | None) -> None:
    assert platform_of(SystemInfo(deployment_type=name)) is platform


def test_without_system_info_the_platform_is_not_known() -> None:
    assert platform_of(None) is None


def test_the_platforms_differ_as_documented() -> None:
    enterprise, express = traits_of(Platform.UCCE), traits_of(Platform.UCCX)

    assert enterprise.sign_out_from == {AgentState.NOT_READY}
    assert AgentState.READY in express.sign_out_from
    assert enterprise.pending_ready
    assert not express.pending_ready
    assert (enterprise.forced_not_ready_code, express.forced_not_ready_code) == (999, 33)
    assert CallAction.START_RECORDING in enterprise.foreign_actions
    assert CallAction.PARTICIPANT_DROP in express.foreign_actions
    assert set(express.dtmf_characters) < set(enterprise.dtmf_characters)


@pytest.mark.parametrize("platform", list(Platform))
def test_every_platform_has_traits(platform: Platform) -> None:
    assert traits_of(platform).platform is platform
