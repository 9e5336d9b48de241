"""A document -> a draft brief -> a part of the library; the wording is left to a curator.

May import what `bot.curating` may; each library that reads a format is known to one file here.
"""
