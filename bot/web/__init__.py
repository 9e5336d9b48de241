"""HTTP: health, metrics, and the pages: playground, library and what curators look at.

May import everything but wiring and the command line; never storage or an SDK, which stand behind
ports and `platforms.base`.
"""
