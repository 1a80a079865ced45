"""Whether a build will stay in its own schemas, before the first statement; and whether it did, after the last."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from dot.core.isolation import (
    Leak,
    Proof,
    find_broken_promises,
    find_shared,
    proof_key,
    prove,
    suspects_of,
)
from dot.core.manifest import Manifest, digest_manifest, parse_manifest, parse_run_results
from dot.core.plan import BuildPlan
from dot.core.step import CheckIsolation
from dot.errors import IsolationError, Problem, WorldError
from dot.execution.context import Context
from dot.system import store
from dot.system.dbt_session import Session


class IsolationCheck:
    """The check of one run; `leaks` are those that `--allow-leaks` lets through."""

    def __init__(self, plan: BuildPlan, step: CheckIsolation, context: Context) -> None:
        self.plan = plan
        self.step = step
        self.context = context
        self.leaks: tuple[Leak, ...] = ()
        self.relations: Mapping[str, object] = {}

    def before(self, session: Session) -> int:
        """Parse and prove; dbt's exit code. Raises `IsolationError` when there is a leak that is not allowed."""
        skip = len(self.plan.dbt.command)
        if exit_code := session.parse(self.step.argv[skip:]):
            return exit_code
        content = store.read_bytes(Path(self.step.manifest))
        key = proof_key(digest_manifest(content), self.step.rules)
        proof = _read_proof(Path(self.step.kept))
        if not proof or proof.key != key:
            proof = self._prove(key, content)
        self.relations = proof.relations
        _refuse_long(proof)
        leaks = (*proof.leaks, *find_shared(proof, self._other_builds()))
        if leaks and self.step.select_argv:
            exit_code, selected = session.select(self.step.select_argv[skip:])
            if exit_code:
                return exit_code
            leaks = tuple(leak for leak in leaks if leak.unique_id in selected)
        self._judge(leaks, content)
        return 0

    def after(self) -> None:
        """Compare what dbt wrote with what the manifest promised. Raises `IsolationError`."""
        path = Path(self.step.results)
        results = parse_run_results(store.read_bytes(path)) if path.is_file() else None
        promised = {unique_id: str(relation) for unique_id, relation in self.relations.items()}
        broken = find_broken_promises(results, promised) if results else {}
        if broken:
            details = tuple(f"  {unique_id}  {relation}" for unique_id, relation in broken.items())
            problem = Problem(
                f"{_count(broken)} written elsewhere than the manifest had promised",
                details=details,
                hint="a name that depends on `execute` or on the time differs between parsing and running",
            )
            raise IsolationError(problem)

    def _prove(self, key: str, content: bytes) -> Proof:
        proof = prove(key, _manifest(content), self.step.rules)
        store.write_whole(Path(self.step.kept), proof.model_dump_json(), root=self.context.root)
        where = ", ".join(proof.schemas[:3]) + (", …" if len(proof.schemas) > 3 else "")  # noqa: PLR2004
        if not proof.leaks:
            self.context.report.say(f"isolated: {len(proof.relations):,} relations, all in {where or 'no schema'}")
        if proof.unproved:
            hooks = ", ".join(proof.unproved)
            self.context.report.warn(f"{len(proof.unproved)} hooks or operations cannot be proved: {hooks}")
        return proof

    def _other_builds(self) -> dict[str, Proof]:
        """The proofs of this commit's builds in other environments, by address."""
        mine = Path(self.step.kept).parent
        found: dict[str, Proof] = {}
        for name in store.list_folder(mine.parent):
            proof = _read_proof(mine.parent / name / self.step.kept.name) if name != mine.name else None
            if proof:
                found[f"{name}@{self.step.rules.short_hash}"] = proof
        return found

    def _judge(self, leaks: tuple[Leak, ...], content: bytes) -> None:
        if not leaks:
            return
        details = _render_leaks(leaks, _manifest(content), Path(self.step.rules.folder))
        message = f"{_count(leaks)} written outside this build"
        if not self.step.allow_leaks:
            hint = "`--allow-leaks` builds anyway"
            raise IsolationError(Problem(f"{message} (nothing was written)", details=details, hint=hint))
        self.leaks = leaks
        self.context.report.warn("\n".join((f"{message}, as `--allow-leaks` allows", *details)))


def _count(found: object) -> str:
    number = len(found)  # pyrefly: ignore
    return f"{number} relation{'s are' if number > 1 else ' is'}"


def _manifest(content: bytes) -> Manifest:
    manifest = parse_manifest(content)
    if not manifest:
        raise WorldError.of("dbt wrote a manifest that cannot be read", hint="run the command again")
    return manifest


def _read_proof(path: Path) -> Proof | None:
    text = store.read_text(path)
    try:
        return Proof.model_validate_json(text) if text else None
    except ValidationError:
        return None  # another version of dot wrote it


def _refuse_long(proof: Proof) -> None:
    if proof.long_schemas:
        details = tuple(f"  {schema}  ({', '.join(names[:3])})" for schema, names in proof.long_schemas)
        hint = "use a shorter schema in the profile, or a shorter custom schema"
        message = "a schema's name is longer than the warehouse allows, which would cut it and mix builds"
        raise IsolationError(Problem(message, details=details, hint=hint))


def _render_leaks(leaks: tuple[Leak, ...], manifest: Manifest, folder: Path) -> tuple[str, ...]:
    """The leaks, those of one cause together, each with what to change."""
    lines: list[str] = []
    by_cause: dict[tuple[str | None, str, str], list[Leak]] = {}
    for leak in leaks:
        by_cause.setdefault((leak.macro, "" if leak.macro else leak.cause, leak.hint), []).append(leak)
    for (macro, _, hint), group in by_cause.items():
        width = max(len(leak.relation) for leak in group)
        lines += ["", *(f"  {leak.relation:<{width}}  {leak.name}  {leak.file}".rstrip() for leak in group)]
        lines += _render_macro(macro, manifest, folder) if macro else [f"      {group[0].cause}"]
        lines += [] if macro else [f"      = help: {hint}"]
    return (*lines, "")


def _render_macro(unique_id: str, manifest: Manifest, folder: Path) -> list[str]:
    """Where the macro stands, the lines in it that forget the target's schema, and what they should be."""
    macro, suspects = suspects_of(manifest, unique_id)
    start = _first_line(macro.macro_sql, folder / macro.original_file_path)
    package = "" if macro.package_name == manifest.metadata.project_name else f" of package {macro.package_name}"
    place = f"{macro.original_file_path}:{start + suspects[0].line - 1}" if suspects else macro.original_file_path
    lines = [f"      {macro.name}{package} ({place}) leaves the target's schema out"]
    for suspect in suspects:
        number = start + suspect.line - 1
        lines += [f"      {number} | {suspect.text}", f"      = help: {suspect.fix}"]
    return lines


def _first_line(macro_sql: str, file: Path) -> int:
    """The line of the file at which the macro starts."""
    text = store.read_text(file) or ""
    place = text.find(macro_sql.strip())
    return text.count("\n", 0, max(place, 0)) + 1
