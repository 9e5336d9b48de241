"""Discord's limits, each with where it is documented.

Addresses below stand under https://docs.discord.com/developers. Our own budgets stay below what
Discord takes, because it counts in ways that it does not document.
"""

from __future__ import annotations

from typing import Final

CONTENT_CHARS: Final = 2000
"""Text of a message without Components V2: /resources/message#create-message."""
COMPONENTS: Final = 40
"""Components of a message, nested ones included: /components/reference#component-object."""
TEXT_CHARS: Final = 3800
"""Our budget for all text displays of a message; Discord takes 4000:
https://github.com/discord/discord-api-docs/pull/8562."""
TEXT_BYTES: Final = 9000
"""Our budget in UTF-8. Above 10170, counting 12 for each text display, Discord answers HTTP 500:
https://github.com/discord/discord-api-docs/issues/8554."""
BUTTONS_IN_ROW: Final = 5
"""/components/reference#action-row."""
BUTTON_LABEL_CHARS: Final = 80
"""/components/reference#button."""
CUSTOM_ID_CHARS: Final = 100
"""At least 1, and unique in a message: /components/reference#custom-id."""
SELECT_OPTIONS: Final = 25
"""/components/reference#string-select."""
OPTION_CHARS: Final = 100
"""Label, value and description each: /components/reference#string-select-select-option-structure.
"""
CHOICES: Final = 25
"""Autocomplete: /interactions/application-commands#application-command-object."""
CHOICE_CHARS: Final = 100
"""Name and text value each:
/interactions/application-commands#application-command-object-application-command-option-choice-structure.
"""
FORM_CHARS: Final = 45
"""The title of a form: /interactions/receiving-and-responding#interaction-response-object-modal,
and the label of a field: /components/reference#label."""
PLACEHOLDER_CHARS: Final = 100
"""In a field of a form: /components/reference#text-input."""

IS_COMPONENTS_V2: Final = 1 << 15
"""Message flag: /resources/message#message-object-message-flags."""
SUPPRESS_EMBEDS: Final = 1 << 2
"""Message flag: /resources/message#message-object-message-flags."""
