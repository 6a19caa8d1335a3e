"""Scripted activity for practice: calling customers and a working agent."""
