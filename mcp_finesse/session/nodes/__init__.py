"""The two nodes: their REST clients, their health, and the failover decision."""
