"""The chat platforms: the only files that know an SDK."""
