"""Media: an agent on a media routing domain, and which of its ids is the domain's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mcp_finesse.model import Media, MediaState, ReasonCode, parse

_MEDIA = """
<Media>
  <uri>/finesse/api/User/1001/Media/5001</uri><id>5001</id><name>Chat_MRD</name><description>a &lt;b&gt;</description>
  <interruptible>true</interruptible><maxDialogLimit>3</maxDialogLimit><interruptAction>ACCEPT</interruptAction>
  <dialogLogoutAction>TRANSFER</dialogLogoutAction><routable>false</routable><mediaConnected>true</mediaConnected>
  <state>NOT_READY</state><stateChangeTime>2030-05-01T09:12:40.615Z</stateChangeTime><reasonCodeId>23</reasonCodeId>
  <ReasonCode><category>NOT_READY</category><code>41</code><label>Lunch</label><id>23</id></ReasonCode>
  <finesseAssociated>true</finesseAssociated><channel>chat</channel><mediaClass>CHAT</mediaClass>
</Media>
"""


def test_a_media_is_read() -> None:
    assert Media.from_element(parse(_MEDIA)) == Media(
        id="5001",
        uri="/finesse/api/User/1001/Media/5001",
        name="Chat_MRD",
        description="a <b>",
        interruptible=True,
        max_dialog_limit=3,
        interrupt_action="ACCEPT",
        dialog_logout_action="TRANSFER",
        routable=False,
        media_connected=True,
        state=MediaState.NOT_READY,
        state_change_time=datetime(2030, 5, 1, 9, 12, 40, 615000, UTC),
        reason_code_id=23,
        reason_code=ReasonCode(category="NOT_READY", code=41, label="Lunch", id=23),
        finesse_associated=True,
        channel="chat",
        media_class="CHAT",
    )


@pytest.mark.parametrize(
    ("inside", "known"),
    [
        ("<id>1001</id><uri>/finesse/api/User/1001/Media/5001</uri>", "5001"),
        ("<id>1001</id><mrdId>5001</mrdId>", "5001"),
        ("<id>5001</id>", "5001"),
        ("", None),
    ],
)
def test_the_id_is_that_of_the_domain(inside: str, known: str | None) -> None:
    assert Media.from_element(parse(f"<media>{inside}</media>")).id == known


@pytest.mark.parametrize("state", ["WORK_NOT_READY", "INTERRUPTED", "DREAMING"])
def test_a_state_is_known_or_kept_as_it_came(state: str) -> None:
    assert Media.from_element(parse(f"<media><state>{state}</state></media>")).state == state


def test_values_that_do_not_fit_are_kept_aside() -> None:
    got = Media.from_element(
        parse("<Media><routable>perhaps</routable><maxDialogLimit>x</maxDialogLimit></Media>")
    )

    assert (got.routable, got.max_dialog_limit) == (None, None)
    assert got.extra == {"routable": "perhaps", "maxDialogLimit": "x"}
