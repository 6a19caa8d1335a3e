"""The known state of the agent, phone calls, tasks, teams and queues, and the journal of notifications."""
