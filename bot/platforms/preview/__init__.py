"""Payload -> HTML: draws what the platforms are sent, for the playground.

Pure; may import the renderers, never a client or an SDK.
"""
