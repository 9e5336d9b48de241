"""Content files -> values of the core: schemas, reading and checking."""
