"""What people type -> when and what; what cannot be understood gets a kind example."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedules.recurrence import cron_problem, is_zone
from bot.schedules.schedule_fields import join_fields
from bot.schedules.schedule_options import Mistake
from bot.schedules.schedule_words import Parsed, parse_changes, parse_schedule
from bot.schedules.subscription import CatchUp, Rhythm
from bot.schedules.zones import find_zone, likely_zones

BERLIN = "Europe/Berlin"


def read(text: str, zone: str | None = BERLIN) -> Parsed:
    parsed = parse_schedule(text, zone)
    assert isinstance(parsed, Parsed), parsed
    return parsed


@pytest.mark.parametrize(
    ("text", "cron", "zone", "rest"),
    [
        ("weekdays 9:00 china-vs-us", "0 9 * * 1-5", BERLIN, "china-vs-us"),
        ("every monday at 8am Berlin what comes next", "0 8 * * 1", BERLIN, "what comes next"),
        ("what comes next every monday at 8am Berlin", "0 8 * * 1", BERLIN, "what comes next"),
        ("9:00 weekdays x", "0 9 * * 1-5", BERLIN, "x"),
        ("9:00 weekdays Tokyo x", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("Daily 17:30 New York rotation", "30 17 * * *", "America/New_York", "rotation"),
        ("every day at 8.15 pm x", "15 20 * * *", BERLIN, "x"),
        ("every day at 12am x", "0 0 * * *", BERLIN, "x"),
        ("every day at 12:30 p.m. x", "30 12 * * *", BERLIN, "x"),
        ("at noon on weekends x", "0 12 * * 0,6", BERLIN, "x"),
        ("mon, wed and fri 9am x", "0 9 * * 1,3,5", BERLIN, "x"),
        ("Tuesdays & Thursdays at 9 x", "0 9 * * 2,4", BERLIN, "x"),
        ("monday to friday 9:00 x", "0 9 * * 1,2,3,4,5", BERLIN, "x"),
        ("fri-mon 9:00 x", "0 9 * * 0,1,5,6", BERLIN, "x"),
        ("first monday of the month 9:00 x", "0 9 * * 1#1", BERLIN, "x"),
        ("on the last friday of every month at 16:00 x", "0 16 * * 5L", BERLIN, "x"),
        ("monthly 9:00 x", "0 9 1 * *", BERLIN, "x"),
        ("monthly on the 1st and 15th at noon UTC x", "0 12 1,15 * *", "UTC", "x"),
        ("last day of the month 18:00 x", "0 18 L * *", BERLIN, "x"),
        ("weekly on friday 9:00 x", "0 9 * * 5", BERLIN, "x"),
        ("weekly 9:00 x", "0 9 * * 1", BERLIN, "x"),
        ("every 2 hours x", "0 */2 * * *", BERLIN, "x"),
        ('cron "0 9 * * 1-5" Asia/Tokyo a, b', "0 9 * * 1-5", "Asia/Tokyo", "a, b"),
        ("cron 0 9 * * MON#1 in Mumbai x", "0 9 * * MON#1", "Asia/Kolkata", "x"),
        ("weekdays at 9 Eastern time x", "0 9 * * 1-5", "America/New_York", "x"),
        # A city alone is what to send, not where.
        ("weekdays at 9 beijing", "0 9 * * 1-5", BERLIN, "beijing"),
        ("weekdays at 9 beijing x", "0 9 * * 1-5", "Asia/Shanghai", "x"),
        ("9:00", "0 9 * * *", BERLIN, ""),
        ("fridays 17h x", "0 17 * * 5", BERLIN, "x"),
        ("fridays 17h30 x", "30 17 * * 5", BERLIN, "x"),
        ("weekdays 0900 x", "0 9 * * 1-5", BERLIN, "x"),
        ("weekdays at 1730 x", "30 17 * * 1-5", BERLIN, "x"),
        ("daily at 12 noon x", "0 12 * * *", BERLIN, "x"),
        ("daily at 9 o'clock x", "0 9 * * *", BERLIN, "x"),
        ("every weekday morning at 9 x", "0 9 * * 1-5", BERLIN, "x"),
        ("mornings 8:00 x", "0 8 * * *", BERLIN, "x"),
        ("every evening at 6 x", "0 18 * * *", BERLIN, "x"),
        ("friday afternoon at 4pm x", "0 16 * * 5", BERLIN, "x"),
        ("mondays at 7 in the evening Tokyo x", "0 19 * * 1", "Asia/Tokyo", "x"),
        ("weekdays 9:00 evening briefing", "0 9 * * 1-5", BERLIN, "evening briefing"),
        ("tue/thu 14:30 x", "30 14 * * 2,4", BERLIN, "x"),
        ("mon wed fri 9:00 x", "0 9 * * 1,3,5", BERLIN, "x"),
        ("at 9 on mon, wed and fri in New York x", "0 9 * * 1,3,5", "America/New_York", "x"),
        ("first of the month 7:30 Tokyo x", "30 7 1 * *", "Asia/Tokyo", "x"),
        ("on the first of every month at 9:00 x", "0 9 1 * *", BERLIN, "x"),
        ("first day of the month 9:00 x", "0 9 1 * *", BERLIN, "x"),
        ("on the 15th day of the month at 9 x", "0 9 15 * *", BERLIN, "x"),
        ("on day 15 of the month at 9 x", "0 9 15 * *", BERLIN, "x"),
        ("last working day of the month at 9 x", "0 9 LW * *", BERLIN, "x"),
        ("0 9 * * 1-5 x", "0 9 * * 1-5", BERLIN, "x"),
        ("`0 9 * * mon-fri` Tokyo x", "0 9 * * mon-fri", "Asia/Tokyo", "x"),
        ("cron '0 9 L * *' x", "0 9 L * *", BERLIN, "x"),
        ("in Tokyo weekdays 9:00 x", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("Tokyo weekdays 9:00 x", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("x weekdays Tokyo 9:00", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("weekdays 9:00 x Asia/Tokyo", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("every second friday of the month 9:00 x", "0 9 * * 5#2", BERLIN, "x"),
        ("mon-wed,fri 9:00 x", "0 9 * * 1,2,3,5", BERLIN, "x"),
        ("monday to wednesday and friday 9:00 x", "0 9 * * 1,2,3,5", BERLIN, "x"),
        ("daily except sundays 9:00 x", "0 9 * * 1,2,3,4,5,6", BERLIN, "x"),
        ("every day but not on weekends 9:00 x", "0 9 * * 1,2,3,4,5", BERLIN, "x"),
        ("every 12 hours x", "0 */12 * * *", BERLIN, "x"),
        ("every 1 hour x", "0 * * * *", BERLIN, "x"),
        ("mondays 8am New York City x", "0 8 * * 1", "America/New_York", "x"),
        # Days and time apart.
        ("daily x at 9am in London", "0 9 * * *", "Europe/London", "x"),
        ("every monday x at 9", "0 9 * * 1", BERLIN, "x"),
        ("weekly x 9:00", "0 9 * * 1", BERLIN, "x"),
        ("who came first weekdays 9:00", "0 9 * * 1-5", BERLIN, "who came first"),
        ("9:00 x daily", "0 9 * * *", BERLIN, "x"),
        ("at 9 Tokyo x on mondays and fridays", "0 9 * * 1,5", "Asia/Tokyo", "x"),
        ("7:30 x on the 1st of the month", "30 7 1 * *", BERLIN, "x"),
        # Words of what to send that look like a zone or a place.
        ("weekdays 9:00 East versus West", "0 9 * * 1-5", BERLIN, "East versus West"),
        ("weekdays 9:00 general terms", "0 9 * * 1-5", BERLIN, "general terms"),
        ("weekdays 9:00 Beijing and x", "0 9 * * 1-5", BERLIN, "Beijing and x"),
        ("weekdays 9:00 in short, x", "0 9 * * 1-5", BERLIN, "in short, x"),
        ("weekdays 9:00 in which year x", "0 9 * * 1-5", BERLIN, "in which year x"),
        ("x lock-in weekdays 9:00", "0 9 * * 1-5", BERLIN, "x lock-in"),
        ("weekdays 9:00 spread over many x", "0 9 * * 1-5", BERLIN, "spread over many x"),
        ("weekdays 9:00 does x catch up", "0 9 * * 1-5", BERLIN, "does x catch up"),
        # What stands in quotation marks is content.
        ('weekdays 9:00 "at 5pm on monday"', "0 9 * * 1-5", BERLIN, '"at 5pm on monday"'),
    ],
)
def test_understood(text: str, cron: str, zone: str, rest: str) -> None:
    parsed = read(text)
    assert (parsed.rhythm.cron, parsed.rhythm.zone, parsed.rest) == (cron, zone, rest)


def test_options() -> None:
    parsed = read(
        "tuesdays at 9 except 2026-12-24, 2026-12-25 changes within 3 hours if missed late "
        "spread over 5 minutes even if nothing new"
    )
    assert parsed.rest == "changes"
    assert parsed.say_nothing_new
    assert parsed.rhythm == Rhythm(
        "0 9 * * 2",
        BERLIN,
        (date(2026, 12, 24), date(2026, 12, 25)),
        CatchUp.LATE,
        grace_s=3 * 3600,
        jitter_s=300,
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("skipping 2026-12-25", {"skip_dates": (date(2026, 12, 25),)}),
        ("without 2026-12-25", {"skip_dates": (date(2026, 12, 25),)}),
        ("no skip dates", {"skip_dates": ()}),
        ("within 3h", {"grace_s": 3 * 3600}),
        ("within 90 mins", {"grace_s": 90 * 60}),
        ("spread over 5m", {"jitter_s": 300}),
        ("skip if nothing new", {}),
    ],
)
def test_options_in_other_words(words: str, named: dict[str, object]) -> None:
    parsed = read(f"weekdays 9:00 changes {words}")
    assert parsed.rest == "changes"
    assert not parsed.say_nothing_new
    assert parsed.named == set(named)
    assert {name: getattr(parsed.rhythm, name) for name in named} == named


@pytest.mark.parametrize(
    "words",
    ["even when nothing is new", "even if there's nothing new", "say so if there is nothing new"],
)
def test_nothing_new_in_other_words(words: str) -> None:
    parsed = read(f"weekdays 9:00 changes, {words}")
    assert (parsed.rest, parsed.say_nothing_new) == ("changes", True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Say when"),
        ("x" * 600, "Say when"),
        ("china-vs-us", "At what time?"),
        ("mondays china-vs-us", "`mondays 9:00`"),
        ("weekdays 25:00 x", "`25:00` is no time of day"),
        ("weekdays 13pm x", "no time of day"),
        ("every day at 9:75 x", "no time of day"),
        ("every other week 9:00 x", "on the 1st and 15th"),
        ("every second tuesday 9:00 x", "on the 1st and 15th"),
        ("on the 32nd 9:00 x", "never comes"),
        ("weekdays 9:00 Europe/Belrin x", "Did you mean Europe/Berlin?"),
        ('cron "99 9 * * *" x', "no cron expression"),
        ('cron "0 9 * *" x', "five fields"),
        ('cron "* * * * *" x', "every five minutes"),
        ("weekdays 9:00 x except 2026-13-45", "no date"),
        ("weekdays 9:00 x except 25 December", "`except 25 December` is no date"),
        ("weekdays 9:00 x except christmas", "2026-12-25"),
        ("cron @daily x", "five fields"),
        ("every 5 hours x", "does not divide the day"),
        ("every 25 hours x", "does not divide the day"),
        ("daily except mon-sun 9:00 x", "never comes"),
        ("weekdays 9:00 UTC+2 x", "do not know the time zone `UTC+2`"),
        ("weekdays 9:00 in Gotham x", "do not know the time zone `Gotham`"),
        ("weekdays 9:00 x Europe/Belrin", "Did you mean Europe/Berlin?"),
        # A time that no rule has read is no content: it would come at the wrong time.
        ("monday 9:00 and friday 17:00 x", "what `friday` means"),
        ("daily 9:00 and 17:00 x", "what `17:00` means"),
        ("first weekday of the month at 9 x", "`first weekday`"),
        ("first weekday at 9 x", "`first weekday`"),
        ("tomorrow at 9 x", "`tomorrow`"),
        ("yearly on 1 january 9:00 x", "`yearly`"),
        ("every quarter at 9:00 x", "`every quarter`"),
        ("weekdays 9:00 x catch up late", "`catch up late`"),
        ("every morning x", "`daily 9:00`"),
    ],
)
def test_not_understood(text: str, told: str) -> None:
    wrong = parse_schedule(text, BERLIN)
    assert isinstance(wrong, Mistake)
    assert told in wrong.text


def test_a_zone_is_needed() -> None:
    wrong = parse_schedule("weekdays 9:00 x", None)
    assert isinstance(wrong, Mistake)
    assert "time zone" in wrong.text


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_kindly_refused(text: str) -> None:
    parsed = parse_schedule(text, BERLIN)
    if isinstance(parsed, Mistake):
        assert parsed.text
    else:
        assert cron_problem(parsed.rhythm.cron) is None
        assert is_zone(parsed.rhythm.zone)


WORDS = (
    "every on the at and weekdays monday first last day of month 9:00 8am noon Berlin UTC "
    "Europe/Berlin cron * 0 1-5 monthly 1st 31st within 2 hours except 2026-12-25 if missed "
    "late changes what comes next daily weekly other"
)
words = st.sampled_from(WORDS.split())


@settings(deadline=None)
@given(st.lists(words, max_size=12).map(" ".join))
def test_any_order_of_words(text: str) -> None:
    parsed = parse_schedule(text, BERLIN)
    if isinstance(parsed, Parsed):
        assert cron_problem(parsed.rhythm.cron) is None


BEFORE = Rhythm("0 9 * * 1-5", "Asia/Tokyo", (date(2026, 12, 25),), CatchUp.SKIP)


@pytest.mark.parametrize(
    ("text", "cron", "zone", "rest"),
    [
        ("10:30", "30 10 * * 1-5", "Asia/Tokyo", ""),
        ("mondays", "0 9 * * 1", "Asia/Tokyo", ""),
        ("Europe/Paris", "0 9 * * 1-5", "Europe/Paris", ""),
        ("UTC key-players", "0 9 * * 1-5", "UTC", "key-players"),
        ("10:30 Europe/Paris", "30 10 * * 1-5", "Europe/Paris", ""),
        ("key-players", "0 9 * * 1-5", "Asia/Tokyo", "key-players"),
        ("fridays 8:00 key-players", "0 8 * * 5", "Asia/Tokyo", "key-players"),
        ("if missed late", "0 9 * * 1-5", "Asia/Tokyo", ""),
        ("mondays Europe/Paris x", "0 9 * * 1", "Europe/Paris", "x"),
    ],
)
def test_changes_leave_the_rest_as_it_was(text: str, cron: str, zone: str, rest: str) -> None:
    parsed = parse_changes(text, BEFORE)
    assert isinstance(parsed, Parsed)
    assert (parsed.rhythm.cron, parsed.rhythm.zone, parsed.rest) == (cron, zone, rest)
    assert parsed.rhythm.skip_dates == BEFORE.skip_dates
    late = CatchUp.LATE if "late" in text else CatchUp.SKIP
    assert parsed.rhythm.catch_up is late


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            ("weekdays 9:00", "Tokyo", "a, b", "if missed skip"),
            'weekdays 9:00 Asia/Tokyo "a, b" if missed skip',
        ),
        # A form comes with one's own zone; what is typed counts.
        (("weekdays 9:00 Tokyo", "Europe/Berlin", "a", ""), 'weekdays 9:00 Tokyo "a"'),
        (("weekdays 9:00 in Tokyo", "Europe/Berlin", "a", ""), 'weekdays 9:00 in Tokyo "a"'),
        (("9:00", "", 'say "a"', ""), '9:00 say "a"'),
        (("9:00", "", "a except 2026-12-25", ""), '9:00 "a" except 2026-12-25'),
        (("9:00", "", "Beijing on friday", ""), '9:00 "Beijing on friday"'),
        (("", "Tokyo", "", ""), "Asia/Tokyo"),
        (("", "", "", ""), ""),
    ],
)
def test_fields_become_words(fields: tuple[str, str, str, str], text: str) -> None:
    assert join_fields(*fields) == text


def test_a_field_for_the_zone_takes_nothing_else() -> None:
    wrong = join_fields("weekdays 9:00", "Gotham", "x", "")
    assert isinstance(wrong, Mistake)
    assert (wrong.key, "`Gotham`" in wrong.text) == ("zone", True)


def test_zones_as_people_say_them() -> None:
    found = find_zone("in new york time now")
    assert found
    assert (found.zone, found.rest, found.named) == ("America/New_York", "now", True)
    assert find_zone("nowhere at all") is None
    assert likely_zones("berl")[0] == "Europe/Berlin"
    assert likely_zones("sao pa")[0] == "America/Sao_Paulo"
    assert "UTC" in likely_zones("")
    assert all(is_zone(zone) for zone in likely_zones("", 25))
