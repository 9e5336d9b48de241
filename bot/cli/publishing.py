"""`publish`: a finished draft becomes a part of the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.settings import DOCUMENTS, documents_dir, drafts_beside, library_dirs

if TYPE_CHECKING:
    from argparse import Namespace

    from bot.cli.app import Commands


def register(commands: Commands) -> None:
    """Add the command of this file."""
    publish = commands.add_parser("publish", help="Move a finished draft into the library.")
    publish.add_argument("name", help="the draft's name, as its file in drafts/")
    publish.add_argument("--drafts", type=Path, metavar="DIR", help="another folder of drafts")
    publish.add_argument("--briefs", type=Path, metavar="DIR", help="another library")
    publish.add_argument("--config", type=Path, metavar="DIR", help="another vocabulary")
    publish.set_defaults(run=run_publish)


def run_publish(args: Namespace) -> int:
    """Try the draft on a copy of the library, then move it.

    Raises:
        ContentError: Something is missing or wrong; every fault is listed, nothing is moved.
        AibriefError: There is no such draft, or a folder cannot be written to.
    """
    from bot.curating.draft.publishing import Places, prepare  # noqa: PLC0415 - only here
    from bot.library.loader import load_usable_vocabulary  # noqa: PLC0415 - only here

    briefs, config = library_dirs(args.briefs, args.config)
    drafts = args.drafts or drafts_beside(briefs)
    documents = documents_dir(briefs) or briefs.resolve().parent / DOCUMENTS
    publication = prepare(
        args.name,
        Places(briefs, drafts, documents),
        load_usable_vocabulary(config),
        parts.clock().date(),
    )
    publication.apply()
    for file in publication.files:
        print(file)
    if publication.left:
        print("Published. `aibrief check --documents` will still find:")
        for finding in publication.left:
            print(f"  {finding}")
        return 0
    print(f"Published. Next: aibrief check --documents, and aibrief ask {args.name}")
    return 0
