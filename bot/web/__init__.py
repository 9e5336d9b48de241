"""HTTP: health, metrics and the playground."""
