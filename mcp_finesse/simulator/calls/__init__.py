"""Calls: their state, setup, control, data, supervision, and the outbound dialer."""
