"""What posting a scheduled briefing needs of a platform, as protocols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.errors import FenceEnded

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.schedules.notices import Notice
    from bot.schedules.subscription import Target
    from bot.service.assistant import Reply


@dataclass(frozen=True, slots=True)
class Fence:
    """The end of a right to post: after it another process may take the delivery over."""

    until_s: float
    now_s: Callable[[], float]
    """A clock that nobody sets and that goes on while the process is stopped, in seconds."""

    def left_s(self) -> float:
        """How long the right lasts still; negative where it has ended."""
        return self.until_s - self.now_s()

    def check(self) -> None:
        """Pass where the right lasts.

        Raises:
            FenceEnded: It has ended.
        """
        if self.left_s() <= 0:
            raise FenceEnded("fence")


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which an earlier attempt may have posted, by the platform's clock."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to post."""

    key: str
    fence: Fence
    earlier: Window | None = None
    """Set where an earlier attempt may have got through."""


class Poster(Protocol):
    """One platform, as far as deliveries need it."""

    def time(self) -> datetime | None:
        """The platform's own time, as its latest response told it; None where none came yet."""
        ...

    async def post(self, target: Target, reply: Reply, attempt: Attempt) -> str:
        """Post under the attempt's key and return the platform's id of the message.

        The platform's own means against doubles carry the key: Discord's `nonce` with
        `enforce_nonce`, Slack's message metadata. Where `attempt.earlier` is set, an earlier
        attempt may have got through: look for it in that time, and return its id instead of
        posting again. No byte of a post leaves after `attempt.fence`.

        Raises:
            Refused: It never will be taken; `code` says why.
            RateLimited: Nothing was posted; try again after `retry_after_s`.
            Uncertain: It may have been posted.
            CannotLook: Whether an earlier attempt was posted cannot be looked up, so nothing was.
            FenceEnded: The right to post had ended; nothing was posted.
        """
        ...

    async def tell(self, target: Target, notice: Notice, attempt: Attempt) -> str:
        """Send a notice to `target.user` with its buttons, once for a key, as `post` does.

        Raises:
            Refused: See `post`.
            RateLimited: See `post`.
            Uncertain: See `post`.
            CannotLook: See `post`.
            FenceEnded: See `post`.
        """
        ...
