"""The one package that speaks to a language model: OpenAI-compatible chat completions, by aiohttp.

It implements `service.ports.Reader`. What comes back is text from elsewhere: it goes to the check
of `answering.reader_request` and nowhere else, no log included.
"""
