"""Answer quality and speed of aibrief beside what one would use instead of it."""
