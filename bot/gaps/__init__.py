"""What was asked and not covered: collected, redacted, grouped, watched and turned into patches.

May import `bot.answering`, `bot.library` and `bot.curating`; storage stands behind ports.
"""
