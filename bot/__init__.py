"""aibrief: a Slack and Discord bot that answers from curated, sourced briefs."""
