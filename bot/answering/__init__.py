"""A message -> an answer: decided, compared and composed from the library's own sentences.

Pure: values in, values out, with `now`, randomness and settings as arguments. May import
`bot.library`'s values and `bot.language`; never I/O, a clock, an SDK or another feature.
"""
