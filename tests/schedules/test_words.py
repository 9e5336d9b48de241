"""What people type -> when and what; what cannot be understood gets a kind example."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.pack import LANGUAGES
from bot.schedules.lexer import MEANINGS, time_forms, tokens_of
from bot.schedules.orders import (
    Fields,
    Order,
    Parsed,
    Wrong,
    order_of_fields,
    parse_schedule,
    trigger_of,
)
from bot.schedules.recurrence import problem_of, walls
from bot.schedules.said import Said
from bot.schedules.subscription import MisfirePolicy, Trigger
from bot.schedules.texts import Mistake, texts_of
from bot.schedules.when import build
from bot.schedules.zones import find_zone, is_zone, likely_zones, parse_zone
from tests.schedules.triggers import cron_trigger

BERLIN = "Europe/Berlin"
SUNDAY = datetime(2026, 11, 29, 13, 0)  # noqa: DTZ001 - local time


def read(text: str) -> Parsed:
    parsed = parse_schedule(text)
    assert isinstance(parsed, Parsed), parsed
    return parsed


def runs(text: str, count: int = 3, now: datetime = SUNDAY) -> list[str]:
    """The next runs in local time, `11-30 09:00`."""
    made = build(read(text).said, now)
    assert not isinstance(made, Mistake), (text, made)
    following = (wall for wall in walls(made, now) if wall > now)
    return [f"{wall:%m-%d %H:%M}" for wall in islice(following, count)]


@pytest.mark.parametrize(
    ("text", "cron", "zone", "rest"),
    [
        ("weekdays 9:00 china-vs-us", "0 9 * * 1-5", None, "china-vs-us"),
        ("every monday at 8am Berlin what comes next", "0 8 * * 1", BERLIN, "what comes next"),
        ("what comes next every monday at 8am Berlin", "0 8 * * 1", BERLIN, "what comes next"),
        ("9:00 weekdays Tokyo x", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("Daily 17:30 New York rotation", "30 17 * * *", "America/New_York", "rotation"),
        ("every day at 8.15 pm x", "15 20 * * *", None, "x"),
        ("every day at 12am x", "0 0 * * *", None, "x"),
        ("every day at 12:30 p.m. x", "30 12 * * *", None, "x"),
        ("Tuesdays & Thursdays at 9 x", "0 9 * * 2,4", None, "x"),
        ("fri-mon 9:00 x", "0 9 * * 0,1,5,6", None, "x"),
        ("on the last friday of every month at 16:00 x", "0 16 * * 5L", None, "x"),
        ("monthly on the 1st and 15th at noon UTC x", "0 12 1,15 * *", "UTC", "x"),
        ("weekly on friday 9:00 x", "0 9 * * 5", None, "x"),
        ("weekly 9:00 x", "0 9 * * 1", None, "x"),
        ('cron "0 9 * * 1-5" Asia/Tokyo a, b', "0 9 * * 1-5", "Asia/Tokyo", "a, b"),
        ("cron 0 9 * * MON#1 in Mumbai x", "0 9 * * MON#1", "Asia/Kolkata", "x"),
        ("weekdays at 9 Eastern time x", "0 9 * * 1-5", "America/New_York", "x"),
        ("9:00", "0 9 * * *", None, ""),
        ("fridays 17h30 x", "30 17 * * 5", None, "x"),
        ("weekdays at 1730 x", "30 17 * * 1-5", None, "x"),
        ("every weekday morning at 9 x", "0 9 * * 1-5", None, "x"),
        ("mondays at 7 in the evening Tokyo x", "0 19 * * 1", "Asia/Tokyo", "x"),
        ("at 9 on mon, wed and fri in New York x", "0 9 * * 1,3,5", "America/New_York", "x"),
        ("on the first of every month at 9:00 x", "0 9 1 * *", None, "x"),
        ("on day 15 of the month at 9 x", "0 9 15 * *", None, "x"),
        ("last working day of the month at 9 x", "0 9 LW * *", None, "x"),
        ("0 9 * * 1-5 x", "0 9 * * 1-5", None, "x"),
        ("`0 9 * * mon-fri` Tokyo x", "0 9 * * mon-fri", "Asia/Tokyo", "x"),
        ("in Tokyo weekdays 9:00 x", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("x weekdays Tokyo 9:00", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("weekdays 9:00 x Asia/Tokyo", "0 9 * * 1-5", "Asia/Tokyo", "x"),
        ("every second friday of the month 9:00 x", "0 9 * * 5#2", None, "x"),
        ("daily except sundays 9:00 x", "0 9 * * 1-6", None, "x"),
        ("every 12 hours x", "0 */12 * * *", None, "x"),
        # Days and time apart.
        ("daily x at 9am in London", "0 9 * * *", "Europe/London", "x"),
        ("who came first weekdays 9:00", "0 9 * * 1-5", None, "who came first"),
        ("at 9 Tokyo x on mondays and fridays", "0 9 * * 1,5", "Asia/Tokyo", "x"),
        # Words of what to send that look like a zone, a place or a time.
        ("weekdays 9:00 East versus West", "0 9 * * 1-5", None, "East versus West"),
        ("weekdays 9:00 Beijing and x", "0 9 * * 1-5", None, "Beijing and x"),
        ("weekdays 9:00 in short, x", "0 9 * * 1-5", None, "in short, x"),
        ("weekdays 9:00 two-articles", "0 9 * * 1-5", None, "two-articles"),
        # What stands in quotation marks is content.
        ('weekdays 9:00 "at 5pm on monday"', "0 9 * * 1-5", None, "at 5pm on monday"),
        ("weekdays 9:00 „at 5pm on monday“ please", "0 9 * * 1-5", None, "at 5pm on monday"),
    ],
)
def test_what_cron_can_say_as_well(text: str, cron: str, zone: str | None, rest: str) -> None:
    parsed = read(text)
    made = build(parsed.said, SUNDAY)
    assert not isinstance(made, Mistake), made
    same = cron_trigger(cron, "UTC").recurrence
    assert [*islice(walls(made, SUNDAY), 9)] == [*islice(walls(same, SUNDAY), 9)]
    assert (parsed.zone, parsed.rest) == (zone, rest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 2 weeks on mondays and thursdays 9:00", "11-30 09:00, 12-03 09:00, 12-14 09:00"),
        ("every other week on tuesday 10:00", "12-01 10:00, 12-15 10:00, 12-29 10:00"),
        ("every second tuesday 9:00", "12-01 09:00, 12-15 09:00, 12-29 09:00"),
        ("starting 2026-12-07 every other monday 9:00", "12-07 09:00, 12-21 09:00, 01-04 09:00"),
        ("every 2 months on the 1st 9:00", "12-01 09:00, 02-01 09:00, 04-01 09:00"),
        ("every 10 days at 9", "11-30 09:00, 12-10 09:00, 12-20 09:00"),
        ("quarterly 9:00", "01-01 09:00, 04-01 09:00, 07-01 09:00"),
        ("every year on 24 december at 9:00", "12-24 09:00, 12-24 09:00, 12-24 09:00"),
        ("first weekday of the month at 9", "12-01 09:00, 01-01 09:00, 02-01 09:00"),
        ("9:00 and 17:30 on mondays", "11-30 09:00, 11-30 17:30, 12-07 09:00"),
        ("at noon and midnight daily", "11-30 00:00, 11-30 12:00, 12-01 00:00"),
        ("twice a day at 9 and 17", "11-29 17:00, 11-30 09:00, 11-30 17:00"),
        ("every 30 minutes between 9 and 10 on weekdays", "11-30 09:00, 11-30 09:30, 11-30 10:00"),
        ("hourly from 16 to 17 daily", "11-29 16:00, 11-29 17:00, 11-30 16:00"),
        ("half past 8 on mondays", "11-30 08:30, 12-07 08:30, 12-14 08:30"),
        ("quarter to ten every day", "11-30 09:45, 12-01 09:45, 12-02 09:45"),
        ("mondays 9:00 for 2 weeks", "11-30 09:00, 12-07 09:00"),
        ("mondays 9:00 for 2 times", "11-30 09:00, 12-07 09:00"),
        ("monday 9:00 only once", "11-30 09:00"),
        ("daily 9:00 until friday", "11-30 09:00, 12-01 09:00, 12-02 09:00"),
        ("24 december 9:00", "12-24 09:00"),
        ("on december 24 and 26 december at 9", "12-24 09:00, 12-26 09:00"),
        ("on 12/24/2026 at 9", "12-24 09:00"),
        ("tonight at 8", "11-29 20:00"),
        ("tomorrow morning at 9", "11-30 09:00"),
        ("in 3 days at 9:00", "12-02 09:00"),
        ("daily 9:00 except in december", "11-30 09:00, 01-01 09:00, 01-02 09:00"),
        ("daily 9:00 except 1 december to 3 december", "11-30 09:00, 12-04 09:00, 12-05 09:00"),
        ("every 3 days 9:00 except weekends", "11-30 09:00, 12-03 09:00, 12-09 09:00"),
        ("wendesdays and thurdsays 9:00", "12-02 09:00, 12-03 09:00, 12-09 09:00"),
        # As people write it elsewhere, in reports of what was misread.
        ("every other friday and saturday 9:00", "12-04 09:00, 12-05 09:00, 12-18 09:00"),
        ("every month on the last day 9:00", "11-30 09:00, 12-31 09:00, 01-31 09:00"),
        ("every month on the 2nd wednesday 9:00", "12-09 09:00, 01-13 09:00, 02-10 09:00"),
        ("first tuesday every 2 months at 15:00", "12-01 15:00, 02-02 15:00, 04-06 15:00"),
        ("every 2nd and 4th friday 16:00", "12-11 16:00, 12-25 16:00, 01-08 16:00"),
        ("every aug 30 at 9am", "08-30 09:00, 08-30 09:00, 08-30 09:00"),
        ("every six months 9:00", "12-01 09:00, 06-01 09:00, 12-01 09:00"),
        ("every second day 9:00", "11-30 09:00, 12-02 09:00, 12-04 09:00"),
        ("8am mon thru fri", "11-30 08:00, 12-01 08:00, 12-02 08:00"),
        ("9:00 every day but sunday", "11-30 09:00, 12-01 09:00, 12-02 09:00"),
        ("only on mondays 9:00", "11-30 09:00, 12-07 09:00, 12-14 09:00"),
        ("every friday 9:00 through 2026-12-11", "12-04 09:00, 12-11 09:00"),
        ("twice weekly on mon and thu 9:00", "11-30 09:00, 12-03 09:00, 12-07 09:00"),
        ("this evening at 7", "11-29 19:00"),
        ("except 2026-12-01 weekdays 9:00", "11-30 09:00, 12-02 09:00, 12-03 09:00"),
        ("once on 24 december at 9", "12-24 09:00"),
        # The other languages of the product.
        ("jeden Montag um 9 Uhr", "11-30 09:00, 12-07 09:00, 12-14 09:00"),
        ("am 15. jeden Monats um 9 Uhr", "12-15 09:00, 01-15 09:00, 02-15 09:00"),
        ("alle 2 Wochen montags 9:00", "11-30 09:00, 12-14 09:00, 12-28 09:00"),
        ("todos los lunes y jueves a las 9 de la mañana", "11-30 09:00, 12-03 09:00, 12-07 09:00"),
        ("de lunes a viernes a las 8 de la tarde", "11-30 20:00, 12-01 20:00, 12-02 20:00"),
        ("每周一和周四下午3点半", "11-30 15:30, 12-03 15:30, 12-07 15:30"),
        ("每天早上9点", "11-30 09:00, 12-01 09:00, 12-02 09:00"),
        ("ersten Montag im Monat um 9 Uhr", "12-07 09:00, 01-04 09:00, 02-01 09:00"),
        ("letzter Freitag des Monats 16 Uhr", "12-25 16:00, 01-29 16:00, 02-26 16:00"),
        ("último viernes del mes a las 16:00", "12-25 16:00, 01-29 16:00, 02-26 16:00"),
        ("每月第一个周一9点", "12-07 09:00, 01-04 09:00, 02-01 09:00"),
        ("毎月最終金曜日17時", "12-25 17:00, 01-29 17:00, 02-26 17:00"),
        ("隔週月曜日9時", "11-30 09:00, 12-14 09:00, 12-28 09:00"),
        ("毎月1日9時30分に", "12-01 09:30, 01-01 09:30, 02-01 09:30"),
    ],
)
def test_what_cron_cannot_say(text: str, expected: str) -> None:
    assert ", ".join(runs(f"{text} x")) == expected
    assert read(f"{text} x").rest == "x"


@pytest.mark.parametrize(
    ("text", "key", "named"),
    [
        ("", "empty", ""),
        ("x" * 600, "empty", ""),
        ("weekdays 9:00 Europe/Belrin x", "zone-near", "Europe/Belrin"),
        ("weekdays 9:00 x Europe/Belrin", "zone-near", "Europe/Belrin"),
        ("weekdays 9:00 in Gotham x", "zone-near", "Gotham"),
        ("weekdays 9:00 IST x", "which-zone", "IST"),
        ("weekdays 9:00 UTC+5:30 x", "zone", "UTC+5:30"),
        ('cron "99 9 * * *" x', "cron", "99 9 * * *"),
        ('cron "0 9 * *" x', "fields", "0 9 * *"),
        ('cron "* * * * *" x', "often", "* * * * *"),
        ("cron @daily x", "fields", "cron"),
        ("biweekly monday 9:00 x", "leftover", "biweekly"),
        ("werktags 9:00 x", "leftover", "werktags"),
        ("weekdays 9:00 except christmas x", "leftover", "christmas"),
        ("on 3/4/2026 at 9 x", "date", "3/4/2026"),
        ("monday 9:00 and friday 17:00 x", "contradiction", "friday"),
        ("every third monday 9:00 x", "which-nth", "every third monday"),
        ("at 8 and 9pm daily x", "which-half", "at 8 and 9pm"),
        ("weekdays 9:00 x catch up late", "leftover", "catch up late"),
        ("daily 9:00 except 24 dec until 2 jan x", "span-or-end", "except 24 dec until 2 jan"),
        ("weekdays 9:00 what happens once prices fall", "leftover", "what happens"),
        ("mondays foo 9:00 china-vs-us", "leftover", "foo"),
        ('mondays foo 9:00 "x"', "leftover", "foo"),
        ("third day 9:00 x", "leftover", "third day"),
    ],
)
def test_not_understood(text: str, key: str, named: str) -> None:
    wrong = parse_schedule(text)
    assert isinstance(wrong, Mistake), wrong
    assert (wrong.key, wrong.given.get("given", "")) == (key, named)
    for language in LANGUAGES:
        text = wrong.text(language)
        given = "{given}" in texts_of(language)[f"mistakes.{key}"]
        assert not given or named in text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("china-vs-us", "time"),
        ("mondays x", "time"),
        ("every morning x", "time"),
        ("weekdays 25:00 x", "bad-time"),
        ("weekdays 13pm x", "bad-time"),
        ("every day at 9:75 x", "bad-time"),
        ("every morning at 15:00 x", "bad-time"),
        ("every other week 9:00 x", "which-day"),
        ("monthly on monday 9:00 x", "which-week"),
        ("yearly 9:00 x", "which-date-of-year"),
        ("on the 32nd 9:00 x", "never"),
        ("every 15th monday at 9:00 x", "never"),
        ("on 2020-01-01 at 9:00 x", "never"),
        ("on 30 february at 9:00 x", "never"),
        ("today at 9:00 x", "never"),
        ("weekdays 9:00 x except 2026-13-45", "never"),
        ("daily except mon-sun 9:00 x", "never"),
        ("every 5 hours x", "hours"),
        ("every 90 minutes x", "hours"),
        ("every 2 minutes x", "often"),
        ("3 times a week 9:00 x", "how-often"),
        ("3 times a day at 9 and 17 x", "how-often"),
        ("9:00 and 17:30 daily 5 times x", "count"),
        ("9:00 in 2 hours x", "contradiction"),
        ("in 2 days weekdays x", "contradiction"),
        ('cron "0 9 * * 1" fridays x', "contradiction"),
        ("weekdays 9:00 who won x last monday", "contradiction"),
        ("weekdays 9:00 until 2026-12-24 for 3 weeks x", "contradiction"),
        ("friday 24 december 9:00 x", "contradiction"),
    ],
)
def test_understood_but_not_possible(text: str, key: str) -> None:
    wrong = build(read(text).said, SUNDAY)
    assert isinstance(wrong, Mistake), wrong
    assert wrong.key == key


def test_next_friday_said_on_a_tuesday_is_asked_about() -> None:
    tuesday = datetime(2026, 12, 1, 8, 0)  # noqa: DTZ001 - local time
    wrong = build(read("next friday 9:00 x").said, tuesday)
    assert isinstance(wrong, Mistake)
    assert (wrong.key, dict(wrong.given)) == (
        "which-date",
        {"one": "2026-12-04", "other": "2026-12-11"},
    )
    assert runs("next friday 9:00 x", now=SUNDAY) == ["12-04 09:00"]
    assert runs("this friday 9:00 x", now=tuesday) == ["12-04 09:00"]


def test_policy() -> None:
    parsed = read(
        "tuesdays at 9 changes within 3 hours if missed late spread over 5 minutes "
        "even if nothing new"
    )
    assert parsed.rest == "changes"
    assert parsed.say_nothing_new
    assert parsed.policy == {"misfire": MisfirePolicy.LATE, "grace_s": 3 * 3600, "jitter_s": 300}
    assert read("weekdays 9:00 changes skip if nothing new").say_nothing_new is False
    assert read('weekdays 9:00 "within 3 hours"').rest == "within 3 hours"


def now_of(zone: str = BERLIN) -> datetime:
    from datetime import UTC  # noqa: PLC0415 - only here

    del zone
    return datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


BEFORE = cron_trigger(
    "0 9 * * 1-5",
    "Asia/Tokyo",
    skips=(date(2026, 12, 25),),
    misfire=MisfirePolicy.SKIP,
)


@pytest.mark.parametrize(
    ("text", "cron", "zone"),
    [
        ("10:30", "30 10 * * 1-5", "Asia/Tokyo"),
        ("mondays", "0 9 * * 1", "Asia/Tokyo"),
        ("Europe/Paris", "0 9 * * 1-5", "Europe/Paris"),
        ("10:30 Europe/Paris", "30 10 * * 1-5", "Europe/Paris"),
        ("9:00 and 17:00", "0 9,17 * * 1-5", "Asia/Tokyo"),
        ("if missed late", "0 9 * * 1-5", "Asia/Tokyo"),
        ("mondays Europe/Paris", "0 9 * * 1", "Europe/Paris"),
        ("except fridays", "0 9 * * 1-4", "Asia/Tokyo"),
    ],
)
def test_changes_leave_the_rest_as_it_was(text: str, cron: str, zone: str) -> None:
    parsed = read(text)
    order = Order(parsed.said, parsed.zone, policy=parsed.policy)
    changed = trigger_of(order, None, now_of(), BEFORE)
    assert isinstance(changed, Trigger)
    same = cron_trigger(cron, "UTC", skips=BEFORE.recurrence.skips).recurrence
    after = max(SUNDAY, changed.recurrence.start)
    assert [*islice(walls(changed.recurrence, after), 30)] == [*islice(walls(same, after), 30)]
    assert (changed.zone, changed.recurrence.skips) == (zone, BEFORE.recurrence.skips)
    assert changed.misfire is (MisfirePolicy.LATE if "late" in text else MisfirePolicy.SKIP)


def test_an_end_can_be_added_to_what_is_there() -> None:
    changed = trigger_of(Order(read("until 2026-12-02").said), None, now_of(), BEFORE)
    assert isinstance(changed, Trigger)
    assert len(list(walls(changed.recurrence, SUNDAY))) == 3
    longer = trigger_of(Order(read("until 2026-12-03").said), None, now_of(), changed)
    assert isinstance(longer, Trigger)
    assert len(list(walls(longer.recurrence, SUNDAY))) == 4


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (Fields(when="weekdays 9:00", zone="Gotham", what="overview"), "zone"),
        (Fields(when="weekdays 9:00 overview", what="overview"), "when"),
        (Fields(when="weekdays 25 o'clock", what="overview"), "when"),
        (Fields(when="weekdays 9:00", what="the best pizza in town"), "what"),
        (Fields(when="weekdays 9:00", what="overview", skip="excpt 2026-12-25"), "skip"),
        (Fields(when="weekdays 9:00", what="overview", skip="@everyone"), "skip"),
        (Fields(when="weekdays 9:00", what="overview", until="the end"), "until"),
        (Fields(when="weekdays 9:00", what="overview", missed="perhaps"), "missed"),
    ],
)
def test_an_option_that_is_not_understood_is_refused_at_that_option(
    catalog: object, fields: Fields, wrong: str
) -> None:
    found = order_of_fields(fields, catalog)  # type: ignore[arg-type]
    if isinstance(found, Order):
        made = trigger_of(found, BERLIN, now_of())
        assert (isinstance(made, Mistake), wrong) == (True, "when")
    else:
        assert isinstance(found, Wrong)
        assert found.field == wrong


def test_fields_make_the_order_that_words_make(catalog: object) -> None:
    fields = Fields(
        when="mondays 9:00 Tokyo",
        zone=BERLIN,
        what="overview",
        skip="2026-12-24 to 2027-01-02, 2027-02-01",
        until="2027-03-01",
        missed="late",
    )
    order = order_of_fields(fields, catalog)  # type: ignore[arg-type]
    assert isinstance(order, Order)
    made = trigger_of(order, None, now_of())
    words = read(
        "mondays 9:00 Tokyo until 2027-03-01 except 2026-12-24 to 2027-01-02, 2027-02-01 "
        "if missed late"
    )
    said = trigger_of(Order(words.said, words.zone, policy=words.policy), None, now_of())
    assert made == said
    assert isinstance(made, Trigger)
    assert (made.zone, made.misfire) == ("Asia/Tokyo", MisfirePolicy.LATE)
    assert len(made.recurrence.skips) == 11


# --- for any phrase

TIME_WORDS = [
    form
    for kind, values in time_forms().items()
    for forms in values.values()
    for form in forms
    if kind not in {"glue", "a", "per", "in", "and", "at", "to", "ofmonth"}
]
PIECES = st.sampled_from(
    [
        *TIME_WORDS,
        *("9:00", "17:30", "9am", "at 9", "0900", "2026-12-24", "24 december", "1st", "15th"),
        *("3", "12", "on", "the", "of the month", "and", ",", "to", "in", "a", "Berlin", "UTC"),
        *("Europe/Berlin", "IST", "china-vs-us", "what", "comes", "next", "overview"),
    ]
)
QUIET = frozenset(
    [
        "next",
        "this",
        "nth",
        "number",
        "other",
        "every",
        "unit",
        "half",
        "part",
        "month",
        "from",
        "for",
        "between",
        "to",
    ]
)
"""Words of time that a question may have too: "what comes next", "who came first"."""


@settings(deadline=None, max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=8).map(" ".join))
def test_each_word_of_time_has_a_part_in_it_or_it_is_refused(text: str) -> None:
    parsed = parse_schedule(text)
    if isinstance(parsed, Mistake):
        assert parsed.text()
        return
    left = [token.kind for token in tokens_of(parsed.rest)]
    loud = {kind for kind in left if kind in MEANINGS} - QUIET - _EDGE_KINDS
    assert not loud or parsed.doubt, (text, parsed.rest, loud)
    made = build(parsed.said, SUNDAY)
    if isinstance(made, Mistake):
        assert made.text()
        return
    assert problem_of(made, SUNDAY) is None
    assert all(_had_a_part(name, parsed.said, made.rules) for name in parsed.said.named())


_EDGE_KINDS = frozenset(
    [
        "glue",
        "a",
        "per",
        "in",
        "and",
        "at",
        "to",
        "ofmonth",
        "past",
        "ampm",
        "times",
        "except",
        "oclock",
    ]
)


def _had_a_part(name: str, said: Said, rules: tuple[str, ...]) -> bool:
    """Each field that is said has left its mark on the rules, or there are none."""
    joined = ";".join(rules)
    marks = {
        "week": "BYDAY",
        "nth": "BYDAY",
        "nth_of": "BYSETPOS",
        "monthdays": "BYMONTHDAY",
        "months": "BYMONTH=",
        "until": "UNTIL",
        "span": "UNTIL",
        "count": "COUNT",
    }
    whole_week = name == "week" and "FREQ=DAILY" in joined
    return not rules or whole_week or marks.get(name, "FREQ") in joined


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=80))
def test_any_text_is_read_or_kindly_refused(text: str) -> None:
    parsed = parse_schedule(text)
    if isinstance(parsed, Mistake):
        assert parsed.text()
    else:
        assert parsed.zone is None or is_zone(parsed.zone)


def test_every_language_says_everything() -> None:
    english = texts_of("en")
    for language, texts in ((code, texts_of(code)) for code in LANGUAGES):
        hint = ("form.skip-hint",)
        same = [k for k in texts.keys() - hint if texts[k] == english[k] and len(texts[k]) > 30]
        assert language == "en" or same == []


def test_zones_as_people_say_them() -> None:
    found = find_zone("in new york time now")
    assert found
    assert (found.zone, found.rest, found.named) == ("America/New_York", "now", True)
    assert find_zone("nowhere at all") is None
    assert find_zone("art of the deal") is None
    assert likely_zones("berl")[0] == "Europe/Berlin"
    assert likely_zones("sao pa")[0] == "America/Sao_Paulo"
    assert "UTC" in likely_zones("")
    assert all(is_zone(zone) for zone in likely_zones("", 25))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Berlin", BERLIN),
        ("pst", "America/Los_Angeles"),
        ("AEDT", "Australia/Sydney"),
        ("UTC+2", "Etc/GMT-2"),
        ("GMT-3", "Etc/GMT+3"),
        ("utc", "UTC"),
    ],
)
def test_a_field_for_a_zone(text: str, zone: str) -> None:
    assert parse_zone(text) == zone
