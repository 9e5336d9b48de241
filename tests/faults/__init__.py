"""The fault test of deliveries: a fake platform over HTTP, workers that are killed."""
