"""The simulated Finesse REST API: routing, types of requests and responses, and the endpoints of each family."""
