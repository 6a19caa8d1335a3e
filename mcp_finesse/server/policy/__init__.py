"""What tools may do: effects, requirements, limits, confirmation, and the wrapper that applies them to every tool."""
