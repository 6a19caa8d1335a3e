"""Agents, teams, queues, devices, media domains and the rules of the platforms."""
