"""What is known: the mirror of agent, calls, tasks, teams and queues, and the journal of notifications."""
