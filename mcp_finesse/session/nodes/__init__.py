"""The two Finesse nodes: their REST clients, their health, and the failover decision."""
