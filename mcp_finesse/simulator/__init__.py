"""A Finesse to practise on: contact centre, REST, Notification Service. Imports nothing of the client."""
