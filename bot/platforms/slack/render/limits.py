"""Slack's limits: characters are UTF-16 units, the larger of the ways Slack may count.

Where a limit is documented its page is named; the others were observed, and the page or
thread that reports them is named.
"""

from __future__ import annotations

from typing import Final

MESSAGE_BLOCKS: Final = 50
"""https://docs.slack.dev/reference/block-kit/blocks"""
HOME_BLOCKS: Final = 100
"""https://docs.slack.dev/reference/views/home-tab-views"""
MESSAGE_CHARS: Final = 12_000
"""All blocks of a message as JSON. Slack answers `msg_blocks_too_long` from about 13,200:
https://github.com/slackapi/bolt-js/issues/2509"""
TEXT_CHARS: Final = 3_000
"""The top-level `text`. Slack cuts it at 40,000, but splits messages from 4,000:
https://docs.slack.dev/reference/methods/chat.postMessage"""
SECTION_CHARS: Final = 3_000
"""https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
HEADER_CHARS: Final = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block"""
CONTEXT_ELEMENTS: Final = 10
"""https://docs.slack.dev/reference/block-kit/blocks/context-block"""
ACTION_ELEMENTS: Final = 25
"""https://docs.slack.dev/reference/block-kit/blocks/actions-block"""
BUTTON_CHARS: Final = 75
"""Text and accessibility label:
https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
BUTTON_VALUE_CHARS: Final = 2_000
"""https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
OPTIONS: Final = 100
"""Of a select, or of one of its groups:
https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
OPTION_CHARS: Final = 75
"""The text of an option, and the label of a group:
https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
OPTION_VALUE_CHARS: Final = 150
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
TABLE_ROWS: Final = 100
"""The heading row included: https://docs.slack.dev/reference/block-kit/blocks/table-block"""
TABLE_COLUMNS: Final = 20
"""https://docs.slack.dev/reference/block-kit/blocks/table-block"""
TABLE_CHARS: Final = 10_000
"""All cells of all tables of a message:
https://docs.slack.dev/reference/block-kit/blocks/table-block"""
TABLES: Final = 1
"""In one message: https://docs.slack.dev/reference/block-kit/blocks/table-block"""
SUGGESTED_PROMPTS: Final = 4
"""https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""
RESPONSE_URL_USES: Final = 5
"""Within 30 minutes: https://docs.slack.dev/interactivity/handling-user-interaction"""


def count_chars(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
