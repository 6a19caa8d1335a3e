"""Administration: reading and changing the configuration of Finesse with administrator credentials."""
