"""The platforms' files hold what those platforms take, and avoid what catches bots out.

Railway's and Render's schemas come without a licence to copy them, so what we use is written down
here, strictly: a key that is not listed is an error. Sources:

- app.json: https://devcenter.heroku.com/articles/app-json-schema
- render.yaml: https://render.com/docs/blueprint-spec (schema: https://render.com/schema/render.yaml.json)
- fly.toml: https://fly.io/docs/reference/configuration/ (schema: https://json.schemastore.org/fly.json)
- railway.json: https://docs.railway.com/config-as-code/reference (schema: https://railway.com/railway.schema.json)
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from fnmatch import fnmatch
from typing import Any

import jsonschema
import pytest
import yaml

from bot.cli.command_line import build_parser
from bot.settings import Settings
from tests.deploy.paas import ROOT

COMMAND = {"type": "string", "pattern": "python -m bot "}
FILES = ("app.json", "render.yaml", "fly.toml", "railway.json")


def an_object(required: str, /, **properties: Any) -> dict[str, Any]:
    """An object with these properties and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def a_list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def number(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


TEXT, FLAG = {"type": "string", "minLength": 1}, {"type": "boolean"}
PROCESS = an_object(
    "quantity", quantity=number(0, 1), size={"enum": ["eco", "basic", "standard-1x"]}
)
SCHEMAS: dict[str, dict[str, Any]] = {
    "app.json": an_object(
        "name description formation env",
        name={"type": "string", "maxLength": 300, "pattern": "^[a-zA-Z-_.]+$"},
        description=TEXT,
        keywords=a_list(TEXT),
        stack={"enum": ["heroku-24", "heroku-26"]},
        buildpacks=a_list(an_object("url", url={"const": "heroku/python"})),
        formation=an_object("worker web", worker=PROCESS, web=PROCESS),
        addons=a_list(an_object("plan", plan=TEXT, **{"as": TEXT})),
        env={
            "type": "object",
            "propertyNames": {"pattern": "^[A-Z][A-Z0-9_]*$"},
            "additionalProperties": an_object(
                "description required", description=TEXT, required=FLAG
            ),
        },
    ),
    "render.yaml": an_object(
        "services databases",
        databases=a_list(
            an_object("name plan", name=TEXT, plan={"enum": ["basic-256mb", "basic-1gb"]})
        ),
        services=a_list(
            an_object(
                "type name runtime buildCommand startCommand preDeployCommand",
                type={"const": "worker"},
                name=TEXT,
                runtime={"const": "python"},
                plan={"enum": ["starter", "standard"]},
                numInstances={"const": 1},
                buildCommand={"type": "string", "pattern": "--require-hashes"},
                startCommand=COMMAND,
                preDeployCommand=COMMAND,
                maxShutdownDelaySeconds=number(6, 300),
                envVars=a_list(
                    {
                        "oneOf": [
                            an_object("key sync", key=TEXT, sync={"const": False}),
                            an_object(
                                "key fromDatabase",
                                key=TEXT,
                                fromDatabase=an_object(
                                    "name property",
                                    name=TEXT,
                                    property={"const": "connectionString"},
                                ),
                            ),
                        ]
                    }
                ),
            )
        ),
    ),
    "fly.toml": an_object(
        "app kill_signal kill_timeout build deploy processes vm",
        app=TEXT,
        primary_region={"type": "string", "pattern": "^[a-z]{3}$"},
        kill_signal={"const": "SIGTERM"},
        kill_timeout={"type": "string", "pattern": r"^\d+s$"},
        build=an_object("dockerfile", dockerfile=TEXT),
        deploy=an_object(
            "release_command",
            release_command=COMMAND,
            strategy={"enum": ["rolling", "immediate"]},
        ),
        processes=an_object("worker", worker=COMMAND),
        vm=a_list(
            an_object(
                "size memory",
                processes=a_list({"const": "worker"}),
                size={"enum": ["shared-cpu-1x", "shared-cpu-2x"]},
                memory={"enum": ["256mb", "512mb"]},
            )
        ),
    ),
    "railway.json": an_object(
        "$schema build deploy",
        **{"$schema": {"const": "https://railway.com/railway.schema.json"}},
        build=an_object(
            "builder dockerfilePath", builder={"enum": ["DOCKERFILE"]}, dockerfilePath=TEXT
        ),
        deploy=an_object(
            "preDeployCommand drainingSeconds",
            preDeployCommand=a_list(COMMAND),
            numReplicas={"const": 1},
            healthcheckPath={"enum": ["/readyz"]},
            healthcheckTimeout=number(30, 300),
            restartPolicyType={"enum": ["ON_FAILURE", "ALWAYS"]},
            restartPolicyMaxRetries=number(1, 10),
            sleepApplication={"const": False},
            # Numbers: strings, as an example of the documentation had them, fail the build.
            overlapSeconds=number(0, 60),
            drainingSeconds=number(6, 300),
        ),
    ),
}


def load(name: str) -> Any:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        return json.loads(text)
    return tomllib.loads(text) if name.endswith(".toml") else yaml.safe_load(text)


@pytest.mark.parametrize("name", FILES)
def test_holds_only_what_the_platform_takes(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    errors = list(jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(load(name)))
    assert [(list(e.absolute_path), e.message) for e in errors] == []


def test_every_variable_is_a_setting() -> None:
    known = {name.upper() for name in Settings.__slots__}
    asked = set(load("app.json")["env"])
    asked |= {v["key"] for s in load("render.yaml")["services"] for v in s["envVars"]}
    assert asked - known == set()


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def commands() -> list[str]:
    """Every command line in every file, shells unwrapped."""
    found = list(procfile().values())
    render, fly, railway = load("render.yaml"), load("fly.toml"), load("railway.json")
    for service in render["services"]:
        found += [service["startCommand"], service["preDeployCommand"]]
    found += [fly["deploy"]["release_command"], fly["processes"]["worker"]]
    found += railway["deploy"]["preDeployCommand"]
    docker = (ROOT / "Dockerfile").read_text().splitlines()
    found.append(shlex.join(json.loads(docker[-1].removeprefix("CMD "))))
    return [shlex.split(c)[2] if c.startswith("sh -c ") else c for c in found]


def test_every_command_is_one() -> None:
    for line in commands():
        for part in line.split(" && "):
            words = shlex.split(part.removeprefix("exec "))
            assert words[:3] == ["python", "-m", "bot"], line
            build_parser().parse_args(words[3:])


def test_releases_check_before_they_change_the_database() -> None:
    releases = [c for c in commands() if "db upgrade" in c]
    assert len(releases) == 4
    assert set(releases) == {procfile()["release"]}
    assert procfile()["release"].index("check") < procfile()["release"].index("db upgrade")


def test_one_process_is_the_bot() -> None:
    """Two would be two bots, and a web process that sleeps takes the bot with it."""
    assert list(procfile()) == ["worker", "web", "release"]
    formation = load("app.json")["formation"]
    assert (formation["worker"]["quantity"], formation["web"]["quantity"]) == (1, 0)
    fly = load("fly.toml")
    assert {"http_service", "services"} & fly.keys() == set()


def test_one_kind_of_lock_file() -> None:
    """Heroku fails the build where there are two."""
    managers = ("uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "pdm.lock", "setup.py")
    assert [name for name in managers if (ROOT / name).exists()] == []
    assert re.fullmatch(r"3\.\d+", (ROOT / ".python-version").read_text().strip())


def test_the_image_has_what_it_copies_and_no_root() -> None:
    text = (ROOT / "Dockerfile").read_text()
    ignore = (ROOT / ".dockerignore").read_text().split()
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists()
        assert f"!{source}" in ignore
    version = (ROOT / ".python-version").read_text().strip()
    assert text.count(f"FROM python:{version}-slim") == text.count("FROM ") == 2
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in text
    assert "VOLUME" not in text  # Railway refuses it
    assert "--require-hashes" in text


@pytest.mark.parametrize("secret", [".env", "aibrief.sqlite", ".git/config", ".venv/bin/python"])
def test_the_image_takes_no_secret(secret: str) -> None:
    rules = (ROOT / ".dockerignore").read_text().split()
    assert "*" in rules
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    assert kept
    assert not any(fnmatch(secret, f"{rule}*") for rule in kept)
