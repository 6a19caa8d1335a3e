"""The administrator's side: reading and changing the configuration of Finesse."""
