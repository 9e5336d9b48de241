"""Answer -> what is shown; each renderer returns plain values and knows no SDK."""
