"""Properties of a Finesse server that an administrator sets on its command line and that clients can notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DropParticipantFor = Literal["supervisor_only", "conference_controller_and_supervisor", "all"]


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties, with the defaults of the guide.

    Attributes:
        drop_participant_for: who may drop others from a conference (``enableDropParticipantFor``).
        team_api_for_all: agents may read their own Team (``enableTeamAPIAccessForAllusers``).
        user_auth_mode: the UserAuthMode API is enabled (``enableUserAuthMode``).
        team_message_limit: maximum number of active team messages; 1600 is the limit of CCX.
    """

    drop_participant_for: DropParticipantFor = "supervisor_only"
    team_api_for_all: bool = False
    user_auth_mode: bool = True
    team_message_limit: int = 1600
