"""Reads state over REST: the agent, tasks, teams, queues and code lists."""
