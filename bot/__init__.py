"""aibrief: a Slack and Discord bot that answers from curated, sourced briefs."""

__version__ = "0.1.0"
