"""The words and variables that dot gives to every dbt it starts, in a live build and in an isolated one."""

from pathlib import PurePath
from uuid import UUID

from dot.base.frozen import FrozenMapping
from dot.config.files import Environment
from dot.dbt.options import merge_words, scan_options
from dot.plan.commit import Commit
from dot.plan.facts import Facts
from dot.plan.plan import build_id
from dot.plan.request import DbtRequest


def compose_argv(facts: Facts, dbt_command: str, *words: str) -> tuple[str, ...]:
    """The program, the dbt command and these words for it, no option twice."""
    return (*facts.dbt.command, *dbt_command.split(), *merge_words(dbt_command, words, facts.dbt.major))


def variable_words(environment: Environment | None) -> tuple[str, ...]:
    """The environment's variables, which every dbt command takes."""
    return ("--vars", str(environment.vars)) if environment and environment.vars else ()


NO_BUILD = dict.fromkeys(("DOT_ENVIRONMENT", "DOT_COMMIT", "DOT_SHORT_HASH", "DOT_SCHEMA_SUFFIX", "DOT_BUILD_ID"), "")
"""What a macro may ask for, where nothing is known of a build."""


def dot_variables(facts: Facts) -> FrozenMapping:
    """What a macro may ask for."""
    return build_variables(facts.project.name, facts.environment, facts.commit.commit if facts.commit else None)


def build_variables(project: str, environment: Environment | None, commit: Commit | None) -> FrozenMapping:
    """What a macro may ask for. All are set in a live build too, so that none is inherited from another build."""
    name = environment.name if environment else ""
    identity = build_id(project, commit.hash, name) if commit and environment else ""
    values = (commit.hash, commit.short_hash, commit.suffix, str(identity)) if commit else ("",) * 4
    return FrozenMapping(dict(zip(NO_BUILD, (name, *values), strict=True)))


def identify(facts: Facts) -> UUID | None:
    """The id of the build; a live build has none."""
    if not facts.commit or not facts.environment:
        return None
    return build_id(facts.project.name, facts.commit.commit.hash, facts.environment.name)


def warn_of_databases(databases: tuple[PurePath, ...], facts: Facts) -> tuple[str, ...]:
    """A relative path in a profile means another file in another folder, and so another database."""
    if not databases or not facts.last_databases or databases == facts.last_databases:
        return ()
    now, before = (", ".join(map(str, files)) for files in (databases, facts.last_databases))
    where = "dbt opens a relative path from the folder in which it is started"
    return (f"this opens {now}, and the last build of the environment opened {before}: {where}",)


def warn_of_extra(request: DbtRequest) -> tuple[str, ...]:
    """What a person should know of the words after `--`."""
    if any(typed.option.name == "--vars" for typed in scan_options(request.dbt_command, request.words)):
        return ("`--vars` after `--` replaces every variable of the environment; before it, it adds to them",)
    return ()
