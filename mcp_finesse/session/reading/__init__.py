"""Reading state over REST: the agent, tasks, teams and queues, code lists."""
