"""The use cases: a message in, an answer out; what they need of the world is in `ports`."""
