"""`init`, `new`, `draft` and `publish`: from nothing, or from a document, to a brief."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError, Namespace
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import parts
from bot.cli.command_line import add_library_options, command, option, write_files
from bot.curating.draft.publishing import add_source, find_marks
from bot.curating.starting import FIRST_QUESTION, Skeleton, find_problems, starter_files
from bot.errors import AibriefError, DocumentError, SettingsError
from bot.library.loader import SOURCES_FILE
from bot.settings import DOCUMENTS, documents_dir, drafts_beside, library_dirs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.curating.draft.document_files import Document
    from bot.curating.draft.draft_briefs import Draft, DraftingService


_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_SLUG_CHARS, MAX_TITLE_CHARS = 60, 70
LONG_LINES = 2_000
"""From so many lines on progress is told."""


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text) or len(text) > MAX_SLUG_CHARS:
        raise ArgumentTypeError(
            f"use lower-case letters, digits and single hyphens, up to {MAX_SLUG_CHARS}: my-topic"
        )
    return text


def _source_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]\w{0,19}", text, re.ASCII):
        raise ArgumentTypeError("use a letter and then letters or digits: S3")
    return text


def _title(text: str) -> str:
    bare = " ".join(text.split())
    if not bare or len(bare) > MAX_TITLE_CHARS:
        raise ArgumentTypeError(f"use 1 to {MAX_TITLE_CHARS} characters")
    return bare


OUTPUT = option(
    "--output", type=Path, metavar="DIR", help="else the folder drafts beside the briefs"
)


@command(
    "init",
    option("folder", type=Path, help="a new folder, or one without a library in it"),
)
def _init(args: Namespace) -> None:
    """Begin a library of your own in a folder."""
    folder: Path = args.folder
    if folder.exists() and not folder.is_dir():
        raise AibriefError(f"{folder} is a file. Name a folder.")
    files = starter_files(parts.clock().date())
    write_files(folder, files, force=False, otherwise="Choose another folder.")
    print(f"A library begins in {folder}: briefs, documents, drafts, config.")
    print(f'  cd {folder}\n  aibrief ask "{FIRST_QUESTION}"\n  aibrief draft YOUR-DOCUMENT')
    print("README.md there tells the rest.")


@command(
    "draft",
    option("file", type=Path, help="text, Markdown, HTML, PDF, docx, pptx or eml"),
    OUTPUT,
    option("--stdout", action="store_true", help="print it and write nothing"),
    option("--force", action="store_true", help="replace files that are there"),
    option("--source-id", type=_source_id, metavar="S3", help="else the next free one"),
    option("--slug", type=_slug, help="else made from the title"),
    option("--title", type=_title, help="else the document's own"),
    add_library_options,
)
def _draft(args: Namespace) -> None:
    """Turn a document into a draft brief."""
    from bot.curating.draft import draft_briefs  # noqa: PLC0415 - only here
    from bot.curating.draft.document_files import read_document  # noqa: PLC0415 - only here

    document = read_document(args.file)
    if document.note:
        print(document.note, file=sys.stderr)
    desk = _desk(args)
    wanted = draft_briefs.Wanted(args.source_id, args.slug, args.title)
    with _progress(document) as progress:
        made = draft_briefs.draft(document, desk, wanted, parts.clock().date(), progress)
    if not made.briefs:
        raise DocumentError(
            f"{args.file} states nothing: it has only headings, code and the like."
        )
    if args.stdout:
        _print(made, document)
    else:
        _write(made, document, desk.drafts, args)
    _tell(made, desk.drafts if not args.stdout else None)


@command(
    "new",
    option("slug", type=_slug, help="lower case with hyphens: my-topic"),
    option("--title", type=_title, help="what people read on top"),
    option("--actor", action="append", default=[], metavar="ID", help="may be repeated"),
    option("--aspect", action="append", default=[], metavar="ID", help="may be repeated"),
    option("--owner", type=_title, default="curators", help="who keeps it right"),
    OUTPUT,
    add_library_options,
)
def _new(args: Namespace) -> None:
    """Write the skeleton of a new brief."""
    desk = _desk(args)
    wanted = Skeleton(args.slug, args.title, tuple(args.actor), tuple(args.aspect), args.owner)
    problems = find_problems(wanted, desk.catalog, desk.names)
    if problems:
        raise SettingsError("\n".join(problems))
    text = wanted.render(parts.clock().date())
    file = desk.drafts / f"{args.slug}.yaml"
    write_files(file.parent, {file.name: text}, force=False, otherwise="Choose another slug.")
    print(file)
    print("Still to be written:")
    for number, key in find_marks(text):
        print(f"  line {number}: {key}")
    print(f"Then: aibrief publish {args.slug}, and aibrief ask {args.slug}")


def _desk(args: Namespace) -> DraftingService:
    from bot.curating.draft.draft_briefs import open_desk  # noqa: PLC0415 - only here

    briefs, config = library_dirs(args.briefs, args.config)
    desk = open_desk(briefs, config, args.output or drafts_beside(briefs))
    if desk.problems:
        told = (
            f"Not all of the library can be read; no name is compared with this:\n{desk.problems}"
        )
        print(told, file=sys.stderr)
    return desk


def _write(made: Draft, document: Document, folder: Path, args: Namespace) -> None:
    """The briefs, the text that they cite, and what is known of the document."""
    files = dict(made.briefs)
    text = document.text
    if text is None:
        text = args.file.read_bytes().decode()
    cited = folder / document.file
    if not cited.is_file() or cited.read_bytes() != text.encode():
        files[document.file] = text
    write_files(folder, files, force=args.force)
    if made.entry:
        add_source(folder / SOURCES_FILE, made.entry)
    for name in (*files, *([SOURCES_FILE] if made.entry else [])):
        print(folder / name)


def _print(made: Draft, document: Document) -> None:
    print("---\n".join(made.briefs.values()), end="")
    if made.entry:
        print(f"\nTo be added to sources.yaml:\n\n{made.entry}", file=sys.stderr)
    if document.text is not None:
        told = "Citations name lines of the extracted text; without --stdout it is written as"
        print(f"{told} {document.file}.", file=sys.stderr)


def _tell(made: Draft, folder: Path | None) -> None:
    """What was found, and the next step."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(made.kinds.items()))
    total = sum(made.kinds.values())
    files = "1 brief" if len(made.briefs) == 1 else f"{len(made.briefs)} briefs"
    print(
        f"{total} {'statement' if total == 1 else 'statements'} in {files}: {kinds}.",
        file=sys.stderr,
    )
    if made.unknown:
        names = ", ".join(f"{name} ({count})" for name, count in made.unknown)
        told = "Names that config/vocabulary does not have, perhaps actors to add:"
        print(f"{told} {names}.", file=sys.stderr)
    step = "say every text marked TODO in your own words, then: aibrief publish"
    where = f"in {folder}, " if folder else ""
    print(f"Next: {where}{step} {next(iter(made.briefs), '')[:-5]}", file=sys.stderr)


@contextmanager
def _progress(document: Document) -> Iterator[Callable[[int], None]]:
    """Tell how far a long document is: a bar on a terminal, a few lines elsewhere."""
    total = len(document.lines)
    if not sys.stderr.isatty():
        yield _plain_progress(document.file, total)
        return
    from rich.console import Console  # noqa: PLC0415 - rich is loaded only to print
    from rich.progress import Progress  # noqa: PLC0415 - rich is loaded only to print

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Drafting {document.file}", total=total)
        yield lambda line: bar.update(task, completed=line)


def _plain_progress(name: str, total: int) -> Callable[[int], None]:
    """A line for each quarter of a long document."""
    told = 0

    def progress(line: int) -> None:
        nonlocal told
        quarter = 4 * line // total
        if total >= LONG_LINES and quarter > told:
            told = quarter
            print(f"{name}: {line:,} of {total:,} lines", file=sys.stderr)

    return progress


@command(
    "publish",
    option("name", help="the draft's name, as its file in drafts/"),
    option("--drafts", type=Path, metavar="DIR", help="another folder of drafts"),
    add_library_options,
)
def _publish(args: Namespace) -> None:
    """Move a finished draft into the library."""
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
        return
    print(f"Published. Next: aibrief check --documents, and aibrief ask {publication.slug}")
