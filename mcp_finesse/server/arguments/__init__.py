"""Reading what clients pass to tools: texts, times, states, conditions."""
