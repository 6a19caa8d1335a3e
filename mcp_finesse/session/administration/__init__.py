"""Administration: reads and changes the configuration of Finesse with administrator credentials."""
