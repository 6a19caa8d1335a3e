"""Scripted activity for practice: customers who call, an agent who works."""
