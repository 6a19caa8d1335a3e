"""Who and what there is: agents, teams, queues, devices, media domains, platform rules."""
