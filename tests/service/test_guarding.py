"""How much a reader is asked, and when it is left in peace."""

from __future__ import annotations

from bot.service.reading import Limits, RequestLimiter


def test_only_so_many_at_once() -> None:
    guard = RequestLimiter(Limits(at_once=2))
    assert [guard.enter(0.0) for _ in range(3)] == [None, None, "limit"]
    guard.leave(1.0, well=True)
    assert guard.enter(1.0) is None


def test_only_so_many_a_minute_and_a_day() -> None:
    guard = RequestLimiter(Limits(per_minute=2, per_day=3))
    times = (0.0, 1.0, 2.0, 60.0, 61.5, 86_401.0)
    told = []
    for now_s in times:
        told.append(guard.enter(now_s))
        if told[-1] is None:
            guard.leave(now_s, well=True)
    assert told == [None, None, "limit", None, "limit", None]


def test_a_sick_server_rests_and_then_gets_one_trial_at_a_time() -> None:
    guard = RequestLimiter(Limits(failures=2, rest_s=30.0, longest_rest_s=100.0))

    def fail(now_s: float) -> str | None:
        if why := guard.enter(now_s):
            return why
        guard.leave(now_s, well=False)
        return None

    assert [fail(0.0), fail(0.0), fail(29.0)] == [None, None, "resting"]
    assert guard.enter(30.0) is None
    assert guard.enter(30.0) == "resting"
    guard.leave(31.0, well=False)
    # Each failed trial doubles the rest, up to a limit.
    assert [fail(90.0), fail(91.0), fail(190.0), fail(191.0)] == [
        "resting",
        None,
        "resting",
        None,
    ]
    assert guard.enter(300.0) is None
    guard.leave(300.0, well=True)
    assert [fail(300.0), fail(301.0), fail(302.0)] == [None, None, "resting"]
