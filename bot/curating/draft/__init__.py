"""A document -> a draft brief: its lines sorted out, its wording left to a curator."""
