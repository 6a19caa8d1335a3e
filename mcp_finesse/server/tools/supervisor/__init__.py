"""Tools of the toolset supervisor: teams, queues, other agents' states and calls, team messages."""
