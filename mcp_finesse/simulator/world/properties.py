"""Properties of a Finesse server. An administrator sets them on the command line, and clients can notice them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DropParticipantFor = Literal["supervisor_only", "conference_controller_and_supervisor", "all"]


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties, with the defaults of the guide.

    Attributes:
        drop_participant_for: the users who may drop others from a conference (``enableDropParticipantFor``).
        team_api_for_all: whether agents may read their own Team (``enableTeamAPIAccessForAllusers``).
        user_auth_mode: whether the UserAuthMode API is enabled (``enableUserAuthMode``).
        team_message_limit: the maximum number of active team messages. The limit of CCX is 1600.
    """

    drop_participant_for: DropParticipantFor = "supervisor_only"
    team_api_for_all: bool = False
    user_auth_mode: bool = True
    team_message_limit: int = 1600
