"""The agent's actions: the requests, the state changes that confirm them, and the code that executes them."""
