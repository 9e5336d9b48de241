"""Everything aibrief raises on purpose.

A person's mistake in chat is never an exception: it is an `Answer` with suggestions.

    AibriefError
    ├── SettingsError      a setting or the vocabulary is wrong
    ├── ContentError       a file in briefs/ is wrong; holds one `Finding` for each fault
    ├── DocumentError      a document cannot be drafted from
    ├── DeliveryError      a platform did not take a post
    │   ├── Refused        it never will: archived, not a member, not permitted
    │   ├── RateLimited    it will later: `retry_after_s`
    │   ├── Uncertain      the reply was lost: it may have been posted
    │   ├── CannotLook     whether it was posted before cannot be looked up, so nothing was
    │   └── FenceEnded     this process's right to post had ended, so nothing was
    ├── ReaderError        a reader gave no reply; the engine's own outcome is shown
    └── StorageError       the database cannot be used
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


class AibriefError(Exception):
    """Base of all errors; its text is written for the person who runs the bot."""


class SettingsError(AibriefError):
    """A setting or a vocabulary file is wrong; the text names the key and the fix."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault in the content: where it is, what it is and what to do about it.

    `file` is relative to the library folder; `line` counts from 1, 0 where no line is known.
    """

    file: str
    line: int
    message: str
    fix: str
    level: Literal["error", "warning", "hint"] = "error"

    def __str__(self) -> str:
        """`file:line: level: message. Fix`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.level}: {self.message} {self.fix}".rstrip()


class ContentError(AibriefError):
    """The library cannot be loaded; `findings` has every fault that was found."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


class DocumentError(AibriefError):
    """A document cannot be read; the text names it and what to do."""


class DeliveryError(AibriefError):
    """A platform did not take a post; `code` is the platform's own word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Refused(DeliveryError):
    """The platform refuses this post for good; `needed` names the scope it lacks, if one."""

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.needed = needed


class RateLimited(DeliveryError):
    """The platform asks to wait `retry_after_s` seconds; nothing was posted."""

    def __init__(self, code: str, retry_after_s: float) -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s


class Uncertain(DeliveryError):
    """The reply was lost on the way: whether the post exists is not known.

    `answered` says that the platform has answered, with an error of its own: what it was going
    to do it has done by then. Otherwise it may still do it.
    """

    def __init__(self, code: str, *, answered: bool = False) -> None:
        super().__init__(code)
        self.answered = answered


class CannotLook(DeliveryError):
    """Whether an earlier attempt was posted cannot be looked up; nothing was posted now.

    With `retry_after_s` the platform asks to wait; without, it refuses, and `needed` names the
    scope or permission that is missing.
    """

    def __init__(self, code: str, *, retry_after_s: float | None = None, needed: str = "") -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s
        self.needed = needed


class FenceEnded(DeliveryError):
    """This process's right to post had ended before a byte of the post left it."""


class ReaderError(AibriefError):
    """A reader gave no reply; nothing of what it sent is in here.

    `kind` is one of: timeout, unreachable, busy, refused, failed, not-a-reply, too-long, limit,
    resting.
    """

    def __init__(self, kind: str, status: int | None = None) -> None:
        self.kind = kind
        self.status = status
        """What its server answered, by HTTP's numbers."""
        super().__init__(f"{kind} ({status})" if status else kind)


class StorageError(AibriefError):
    """The database cannot be reached or is not up to date."""
