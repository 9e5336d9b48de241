"""The chat platforms: the only files that know an SDK.

May import the use cases, schedules and answers; a platform never knows the other, and the rest of
the bot knows of one what `base.Platform` says, by its line in `registry`.
"""
