"""The use cases: a message in, an answer out; what they need of the world is in `ports`.

May import `bot.answering` and `bot.library`; never a platform, storage or a
setting, which stand behind `ports`.
"""
