"""The known state of the agent, calls, tasks, teams and queues, and the journal of notifications."""
