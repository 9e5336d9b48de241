"""A curator's patch: made from a gap, tried on a copy of the library, then shown or applied."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

from bot.answering.answer import Status
from bot.answering.catalog import Catalog
from bot.answering.message import answer_plan
from bot.curating.patching import (
    Patch,
    add_asks,
    read_brief,
    snippet_id,
    snippet_stub,
    write_draft,
)
from bot.errors import SettingsError
from bot.library.loader import MUST_NOT_COVER_FILE, NO_BRIEFS, load_library

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def ask_patch(
    question: str, slug: str, briefs: Path, catalog: Catalog, snippet: str | None = None
) -> Patch:
    """Add a question to the asks of a brief, or of one of its snippets.

    Raises:
        SettingsError: There is no such brief.
        ContentError: Its file cannot be edited.
    """
    file = _file(briefs, slug)
    before = read_brief(file)
    after = add_asks(file.name, before, [question], snippet)
    return Patch(file, before, after, _tried(question, file, after, catalog))


def snippet_patch(
    question: str, slug: str, briefs: Path, catalog: Catalog, name: str = ""
) -> Patch:
    """Begin a snippet that is to answer a question: a draft, from which it is published.

    Raises:
        SettingsError: There is no such brief, or the id is none or taken.
    """
    _file(briefs, slug)
    drafts = briefs.resolve().parent / "drafts"
    taken = frozenset(catalog.library.snippets) | {f.stem for f in drafts.glob("*.yaml")}
    if name and not _ID.fullmatch(name):
        raise SettingsError(f"{name} is no id. Use lower-case letters, digits and single hyphens.")
    if name in taken:
        raise SettingsError(f"The id {name} is taken. Choose another one.")
    given = name or snippet_id(question, taken)
    text = write_draft(slug, snippet_stub(given, question))
    note = (
        f"Write the text and the citations of {given} in place of TODO, then: "
        f"aibrief publish {given}"
    )
    return Patch(drafts / f"{given}.yaml", "", text, note)


def decline_patch(question: str, briefs: Path) -> Patch:
    """Say that the documents do not tell it: no brief may answer it, nor what is like it.

    Raises:
        SettingsError: The file cannot be read.
    """
    file = briefs / MUST_NOT_COVER_FILE
    before = read_brief(file) if file.is_file() else ""
    begun = before if before.strip() else "asks:\n"
    begun += "" if begun.endswith("\n") else "\n"
    # A JSON string is a YAML string, whatever signs the question has.
    after = f"{begun}  - {json.dumps(question, ensure_ascii=False)}\n"
    note = (
        "With it the question, and what is nearer to it than to any statement, is declined, and "
        "it leaves the list of gaps."
    )
    return Patch(file, before, after, note)


def _tried(question: str, file: Path, after: str, catalog: Catalog) -> str:
    """What the library would answer with the change; raises ContentError where it cannot load."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for each in sorted(file.parent.glob("*.yaml")):
            shutil.copyfile(each, copy / each.name)
        (copy / file.name).write_bytes(after.encode())
        library = load_library(copy).library
    plan = answer_plan(question, Catalog(library, catalog.vocabulary))
    if plan.status is not Status.ANSWERED:
        return (
            "Even so the question is not answered: the brief says too little of it. "
            "Start a snippet instead."
        )
    where = ", ".join(plan.snippets) or plan.brief or "the list of briefs"
    note = f"With it the question is answered with {where}."
    if plan.brief != file.stem:
        note += f" That is not of {file.stem}: aibrief check will fail."
    return note


def _file(briefs: Path, slug: str) -> Path:
    """The brief's file; raises SettingsError where there is none."""
    known = sorted(file.stem for file in briefs.glob("*.yaml") if file.name not in NO_BRIEFS)
    if slug not in known:
        raise SettingsError(f"There is no brief {slug}. Known are: {', '.join(known)}.")
    return briefs / f"{slug}.yaml"
