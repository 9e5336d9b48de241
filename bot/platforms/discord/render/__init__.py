"""Answer -> the exact payloads that Discord gets, as plain dicts; knows no SDK."""
