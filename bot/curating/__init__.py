"""What helps to write a library: checks, golden asks, patches, editor schemas and drafts.

May import `bot.library` and `bot.answering`; never a platform, storage or a use case.
"""
