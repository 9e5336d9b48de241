"""Scheduled briefings: when they run, what they send, who may manage them, and their delivery.

May import `bot.answering` and `bot.library`; storage, platforms and the clock stand behind ports.
"""
