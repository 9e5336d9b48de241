"""What helps to write a library: checks, golden asks, coverage, patches, schemas and drafts.

May import `bot.answering`, by which it is tried, and `bot.library`; never a platform, storage, a
use case or a setting.
"""
