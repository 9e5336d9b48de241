"""Answer -> the exact payloads that Discord gets, as plain dicts.

Pure: may import answers, texts and `platforms.base`; never discord.py, I/O or a clock.
"""
