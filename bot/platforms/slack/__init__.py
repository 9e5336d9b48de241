"""Slack by Bolt: the only package that knows slack_bolt and slack_sdk.

May import the use cases, schedules and answers; the rest of the bot knows of it what
`slack_platform` says. Renderers, `slack_preview` and `incoming` hold no SDK and no I/O.
"""
