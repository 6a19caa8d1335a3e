"""Scripted activity for practice: customers who call, and an agent who works."""
