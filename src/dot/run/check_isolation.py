"""Whether a build will stay in its own schemas, before the first statement; and whether it did, after the last."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from dot.base.address import write_address
from dot.base.errors import IsolationError, OutsideError, Problem
from dot.base.secrets import mask_words
from dot.base.wording import MOST_NAMES
from dot.dbt.manifest import Manifest, RunResults, digest_manifest, parse_manifest, parse_run_results
from dot.dbt.option_variables import read_variable
from dot.dbt.session import Call, Session
from dot.dbt.writes import WRITES
from dot.isolation.claims import find_claimed_twice
from dot.isolation.leak_text import LeakText, describe_lost_sources
from dot.isolation.leaks import find_broken_promises, is_own, list_unpromised, promise_own
from dot.isolation.proof import Proof, Proofs, proof_key, prove
from dot.isolation.rules import Leak
from dot.isolation.unproved import (
    CALL,
    CONSTRAINT,
    MACRO,
    MATERIALIZATION,
    PYTHON,
    Unproved,
    describe_unproved,
    runs_always,
)
from dot.plan.build_steps import ALLOW_UNPROVED
from dot.plan.deferred_nodes import warn_of_folders, warn_of_foreign_keys
from dot.plan.plan import BuildPlan
from dot.plan.step import CheckIsolation, InstallPackages
from dot.run.claims import read_claims, read_proofs
from dot.run.context import Context, showing_progress
from dot.run.earlier_parse import EarlierParse
from dot.system import git, store


class IsolationCheck:
    """The check of one run; `leaks` are those that `--allow-leaks` lets through."""

    def __init__(self, plan: BuildPlan, step: CheckIsolation, context: Context) -> None:
        self.plan = plan
        self.step = step
        self.context = context
        self.leaks: tuple[Leak, ...] = ()
        self.promised: Mapping[str, str] = {}
        # A dbt that fails early, or is told to, leaves the results of the run before.
        self.last_results = self._read_results()
        self.tests: dict[str, int] = {}
        self.has_results = False
        self.retried = self._read_retried()
        self.rules = step.rules.model_copy(update={"links": _read_links(Path(step.rules.worktree))})

    def before(self, session: Session) -> int:
        """Parse and prove; dbt's exit code. Raises `IsolationError` when there is a leak that is not allowed.

        Where an earlier parse is known to have told the same, and nothing was found in it, its proof holds.
        """
        kept = read_proofs(Path(self.step.kept))
        parse = EarlierParse(self.plan, self.step, self.context.environ)
        known = kept.find_parsed(parse.key(), self.rules)
        if known and store.read_modified(Path(self.step.manifest)) and self._holds(known, kept):
            return 0
        return self._parse(session) or self._prove(session, kept, parse)

    def _holds(self, proof: Proof, kept: Proofs) -> bool:
        """Whether the proof holds as it is: nothing in it is to be refused, or needs the manifest to be told."""
        if proof.leaks or proof.long_schemas or self._refused(proof, None):
            return False
        with self.context.take(self.step.claims):
            if find_claimed_twice(proof, read_claims(self.step)):
                return False
            self.promised = _promise(proof, (), ())
            self._keep(proof, (), kept)
            return True

    def _parse(self, session: Session) -> int:
        self.context.reporter.show_command(mask_words(self.step.argv))
        manifest = Path(self.step.manifest)
        store.make_old(manifest)
        with showing_progress(session, self.context.reporter, "reading the project") as is_held:
            exit_code = session.parse(self._args(self.step.argv), is_held=is_held)
        if exit_code:
            store.remove_tree(manifest)  # dbt 2 writes one without what it could not read, and dbt 1 leaves the last
            return exit_code
        if not store.read_modified(manifest):
            raise OutsideError.of(
                f"dbt has read the project and written no {manifest.name}", hint="run it again with `-v`"
            )
        return 0

    def _prove(self, session: Session, kept: Proofs, parse: EarlierParse) -> int:
        content = store.read_bytes(Path(self.step.manifest))
        self._warn_of_deferring(content)
        digest = digest_manifest(content)
        known = kept.find(proof_key(digest, self.rules))
        found_now = known or prove(digest, _parse(content), self.rules)
        proof = found_now.model_copy(update={"parsed": parse.key_of_this()})
        _refuse_long(proof)
        # Of two builds that would write the same, only the first is to find that nobody else does.
        with self.context.take(self.step.claims):
            found = (*proof.leaks, *find_claimed_twice(proof, read_claims(self.step)))
            exit_code, selected = self._select(session, is_needed=bool(found or self._refused(proof, None)))
            if not exit_code:
                leaks = tuple(leak for leak in found if selected is None or leak.unique_id in selected)
                self.promised = _promise(proof, found, leaks)
                self._judge(leaks, content)
                self._judge_unproved(self._refused(proof, selected))
                left_out = tuple(sorted({leak.unique_id for leak in found} - {leak.unique_id for leak in leaks}))
                self._keep(proof, left_out, kept)
        if not known and not exit_code:
            self._report(proof, kept)
        return exit_code

    def _keep(self, proof: Proof, left_out: tuple[str, ...], kept: Proofs) -> None:
        kept_now = kept.with_proof(proof.model_copy(update={"left_out": left_out}))
        store.write_whole(Path(self.step.kept), kept_now.model_dump_json(exclude_defaults=True), root=self.context.root)

    def after(self) -> None:
        """Compare what dbt wrote with what the manifest promised. Raises `IsolationError`."""
        text = self._read_results()
        results = parse_run_results(text) if text and text != self.last_results else None
        if self.last_results and not WRITES[self.rules.dbt_command]:  # which a later retry needs
            store.write_whole(Path(self.step.results), self.last_results, root=self.context.root)
        self.has_results = results is not None
        self.tests = results.count_tests() if results else {}
        if not results or not WRITES[self.rules.dbt_command]:  # of what it only reads, dbt 1 names relations as well
            return
        promised = self._promised_to(results)
        if broken := find_broken_promises(results, promised):
            promised = {unique_id: promised.get(unique_id, "nothing") for unique_id in broken}
            details = (f"  {name}  {unique_id}, promised: {promised[unique_id]}" for unique_id, name in broken.items())
            problem = Problem(
                f"{_count(broken, 'was', 'were')} written elsewhere than the manifest had promised",
                details=("", *details, ""),
                hint="a name that a macro makes from `flags` or the time may differ from one dbt command to the next",
            )
            raise IsolationError(problem)

    def _promised_to(self, results: RunResults) -> Mapping[str, str]:
        """What was promised, and what has no promise but is in the build's own schemas, by the manifest of the run."""
        unpromised = list_unpromised(results, self.promised)
        manifest = parse_manifest(store.read_text(Path(self.step.manifest)) or "") if unpromised else None
        return {**self.promised, **(promise_own(unpromised, manifest, self.rules) if manifest else {})}

    def _args(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        return self.plan.dbt.words_of(argv)

    def _select(self, session: Session, *, is_needed: bool) -> tuple[int, frozenset[str] | None]:
        """What the command would select, if that is needed and known, after the exit code of the dbt that says so."""
        retried = self.retried.results if self.retried else None
        if not is_needed or not self.step.select_argv:
            return 0, None if retried is None else frozenset(result.unique_id for result in retried)
        found = session.select(Call(self._args(self.step.select_argv), Path(self.step.cwd)))
        if found.exit_code:
            said = found.message or f"it ended with exit code {found.exit_code} and said nothing"
            self.context.reporter.warn(f"dbt cannot tell what would be selected\n{said}")
        return found.exit_code, found.unique_ids

    def _refused(self, proof: Proof, selected: frozenset[str] | None) -> tuple[Unproved, ...]:
        """What would run and cannot be proved; nothing where that is not to be refused."""
        names = None if selected is None else {part for unique_id in selected for part in unique_id.split(".")[2:]}
        found = proof.unproved if self.step.refuse_unproved else ()
        return tuple(one for one in found if names is None or runs_always(one) or one[1] in names)

    def _judge_unproved(self, refused: tuple[Unproved, ...]) -> None:
        if refused:
            message = f"{_describe_unproved(refused)}, {_UNPROVED} (nothing was run)"
            details = ("", *(f"  {line}" for line in describe_unproved(refused, MOST_NAMES)), "")
            raise IsolationError(Problem(message, details=details, hint=ALLOW_UNPROVED))

    def _read_retried(self) -> RunResults | None:
        """The last run, of which a retry takes some nodes and no other. None when it may be another build's run."""
        words = self.plan.dbt_words
        is_named = any(word.startswith("--state") for word in words)
        is_elsewhere = is_named or read_variable(self.context.environ, "state") is not None
        is_retry = self.step.rules.dbt_command == "retry"
        return parse_run_results(self.last_results or "") if is_retry and not is_elsewhere else None

    def _read_results(self) -> str | None:
        return store.read_text(Path(self.step.results))

    def _report(self, proof: Proof, kept: Proofs) -> None:
        """What was found, once for each manifest."""
        if not self.leaks:
            number = len({*dict(proof.relations)} - {leak.unique_id for leak in proof.leaks})
            schemas = [schema for schema in proof.schemas if is_own(schema, self.rules)]
            count = f"{number:,} relations, all" if number != 1 else "1 relation,"
            where = ", ".join(schemas[:3]) + (", …" if len(schemas) > 3 else "")  # noqa: PLR2004
            unproved = f" · {len(proof.unproved):,} unproved" if proof.unproved else ""
            if WRITES[self.rules.dbt_command]:
                self.context.reporter.say(
                    f"isolated: {f'{count} in {where}' if where else 'nothing to write'}{unproved}"
                )
        if proof.lost_sources:
            self.context.reporter.warn("\n".join(describe_lost_sources(proof.lost_sources)))
        if hooks := kept.find_untold(proof):
            count = _describe_unproved(hooks)
            where = f"see `dot builds show {write_address(self.step.kept.parent.name, self.rules.short_hash)}`"
            self.context.reporter.warn(f"{count}, {_UNPROVED}; {where}")

    def _warn_of_deferring(self, content: bytes) -> None:
        """What may lead out of the build, of the models that the command may write."""
        if not self.plan.baseline or "model" not in WRITES[self.rules.dbt_command]:
            return
        is_duckdb = self.rules.adapter == "duckdb"  # of the rest only foreign keys are looked for
        manifest = _parse(content) if is_duckdb or b'"foreign_key"' in content else None
        for line in (*warn_of_foreign_keys(manifest), *warn_of_folders(manifest)) if manifest else ():
            self.context.reporter.warn(line)

    def _judge(self, leaks: tuple[Leak, ...], content: bytes) -> None:
        if not leaks:
            return
        details = LeakText(_parse(content), self.rules.folder, self._packages(), _read).lines(leaks)
        if not self.step.allow_leaks:
            message = f"{_count(leaks, 'would be', 'would be')} written outside this build (nothing was written)"
            raise IsolationError(Problem(message, details=details, hint="`--allow-leaks` builds anyway"))
        self.leaks = leaks
        message = f"{_count(leaks, 'is', 'are')} written outside this build, as `--allow-leaks` allows"
        self.context.reporter.warn("\n".join((message, *details)))

    def _packages(self) -> Path:
        """Where the packages of the commit are."""
        folders = (step.folder for step in self.plan.steps if isinstance(step, InstallPackages))
        return Path(next(folders, self.rules.folder / "dbt_packages"))


def _read_links(worktree: Path) -> tuple[tuple[str, str], ...]:
    """Each link of the commit and where it leads in the end, within the worktree by the worktree's own path."""
    top = Path(os.path.realpath(worktree))
    goals = ((link, Path(os.path.realpath(link))) for link in git.list_links(worktree))
    named = ((link, worktree / goal.relative_to(top) if goal.is_relative_to(top) else goal) for link, goal in goals)
    return tuple((link.as_posix(), goal.as_posix()) for link, goal in named)


def _count(found: Sequence[object] | Mapping[str, object], one: str, many: str) -> str:
    return f"1 relation {one}" if len(found) == 1 else f"{len(found):,} relations {many}"


_UNPROVED = "which cannot be proved to stay inside the build"
_NOUNS = {"materialization": (MATERIALIZATION,), "macro": (MACRO,), "node": (CALL, PYTHON, "sql_header", CONSTRAINT)}


def _describe_unproved(found: Sequence[Unproved]) -> str:
    """How many hooks, materializations, macros and nodes run SQL of their own."""
    nouns: dict[str, set[Unproved | str]] = {"hook": set(), "materialization": set(), "macro": set(), "node": set()}
    for kind, of in found:
        noun = next((noun for noun, kinds in _NOUNS.items() if kind.startswith(kinds)), "hook")
        nouns[noun].add(of if noun == "node" else (kind, of))
    *first, last = [f"{len(some):,} {noun}{'s' * (len(some) > 1)}" for noun, some in nouns.items() if some]
    named = f"{', '.join(first)} and {last}" if first else last
    is_one = sum(map(len, nouns.values())) == 1
    return f"{named} runs SQL of its own" if is_one else f"{named} run SQL of their own"


def _promise(proof: Proof, found: tuple[Leak, ...], allowed: tuple[Leak, ...]) -> Mapping[str, str]:
    """What the command may write: no leak that is not allowed, because the command does not select it."""
    left_out = {leak.unique_id for leak in found} - {leak.unique_id for leak in allowed}
    return {unique_id: name for unique_id, name in proof.names.items() if unique_id not in left_out}


def _parse(content: bytes) -> Manifest:
    manifest = parse_manifest(content)
    if not manifest:
        raise OutsideError.of("dbt wrote a manifest that cannot be read", hint="run the command again")
    return manifest


def _refuse_long(proof: Proof) -> None:
    if proof.long_schemas:
        details = tuple(f"  {schema}  ({', '.join(names[:3])})" for schema, names in proof.long_schemas)
        hint = "use a shorter schema in the profile, or a shorter custom schema"
        message = "a schema's name is longer than the warehouse allows, which would cut it and mix builds"
        raise IsolationError(Problem(message, details=details, hint=hint))


def _read(file: PurePath) -> str | None:
    return store.read_text(Path(file))
