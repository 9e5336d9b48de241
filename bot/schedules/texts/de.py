"""TODO."""
from bot.schedules.texts.en import TEXTS as TEXTS
