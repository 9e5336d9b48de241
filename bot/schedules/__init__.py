"""Scheduled briefings: when they run, what they send, who may manage them, and their delivery.

May import `bot.service`, `bot.answering` and what these may; storage, platforms and the clock
stand behind the protocols of `schedule_ports`. What delivers, leases or manages
does I/O by these; all else is pure.
"""
