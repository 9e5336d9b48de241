"""A saved mail -> lines, without quoted mails, signature and attachments."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from bot.curating.draft.lines import Extracted, clean, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from email.message import EmailMessage

_QUOTING = re.compile(
    r"(?:On .{5,120} wrote|Am .{5,120} schrieb|-{2,} ?Original Message ?-{2,}):?$"
)
_FORWARDED = re.compile(
    r"-{2,} ?Forwarded message ?-{2,}$|Begin forwarded message:$", re.IGNORECASE
)
"""What is followed by the header of the other mail, down to an empty line."""
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day))\b[^.?!]{0,40}[,!]?$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm)(?:est)? )?(?:regards|wishes|cheers|thanks|thank you|sincerely|yours)"
    r"\b[\w ]{0,30}[.,!]?$",
    re.IGNORECASE,
)
MAX_SIGNED = 6
"""Lines below a closing phrase that are its sender's name and address."""
MAX_NAME_WORDS = 3
"""Words of a name in small letters; more are a sentence that goes on."""


def read_mail(raw: bytes) -> Extracted:
    """The text that its sender wrote; subject, sender and date are its title, author and day."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = _body(message)
    subject = clean(str(message["Subject"] or ""))
    return replace(found, title=subject or None, author=_sender(message), published=_day(message))


def _body(message: EmailMessage) -> Extracted:
    part = message.get_body(("plain", "html"))
    if part is None:
        return Extracted(())
    text = part.get_content()
    if part.get_content_subtype() == "html":
        from bot.curating.draft.html import read_html  # noqa: PLC0415 - bs4 only where needed

        return read_html(text)
    return Extracted(tuple(read_lines([clean(line) for line in _written(text.splitlines())])))


def _written(lines: Sequence[str]) -> Iterator[str]:
    """The lines above the signature or the mail that is answered, without greetings."""
    header = False
    for at, line in enumerate(lines):
        text = line.strip()
        if line.rstrip("\r") in {"-- ", "--"} or _QUOTING.match(text) or _is_end(lines, at):
            return
        header = bool(_FORWARDED.match(text)) or (header and bool(text))
        if not (header or line.startswith(">") or _is_greeting(lines, at)):
            yield line


def _is_greeting(lines: Sequence[str], at: int) -> bool:
    """Whether a line greets: no word in the middle of a paragraph does."""
    first = not at or not lines[at - 1].strip() or lines[at - 1].startswith(">")
    return first and bool(_GREETING.match(lines[at].strip()))


def _is_end(lines: Sequence[str], at: int) -> bool:
    """Whether a mail is closed here, but for who signs; "thanks to the plant" may go on."""
    text = lines[at].strip()
    if not _CLOSING.match(text):
        return False
    following = lines[at + 1].strip() if at + 1 < len(lines) else ""
    if text[-1].isalnum() and following[:1].islower() and len(following.split()) > MAX_NAME_WORDS:
        return False
    below = (line for line in islice(lines, at + 1, None) if line.strip())
    return len(list(islice(below, MAX_SIGNED + 1))) <= MAX_SIGNED


def _sender(message: EmailMessage) -> str | None:
    header = message["From"]
    first = header.addresses[0] if header is not None and header.addresses else None
    return clean(first.display_name) or None if first else None


def _day(message: EmailMessage) -> date | None:
    header = message["Date"]
    return header.datetime.date() if header is not None and header.datetime else None
