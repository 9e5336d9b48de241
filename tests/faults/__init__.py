"""The fault test of deliveries: real posters against the wire fakes, and processes that die."""
