"""What a person reads about leaks: cause and cure first, and no list without an end."""

from pathlib import PurePath, PurePosixPath

from cases import each
from dot.base.wording import MOST_NAMES
from dot.isolation.leak_text import LeakText, describe_lost_sources
from dot.isolation.leaks import find_leaks
from dot.isolation.own_sources import LostSource
from examples.manifests import Entry, make_macro, make_manifest, make_node, make_rules
from isolation.test_own_sources import READER, make_seed, make_source

TAG = "{{ env_var('DOT_SCHEMA_SUFFIX', '') }}"
FOLDER = PurePosixPath("/project")


def describe(
    *nodes: Entry, macro: Entry | None = None, files: dict[str, str] | None = None, sources: tuple[Entry, ...] = ()
) -> str:
    manifest = make_manifest(*nodes, macros=[macro] if macro else [], sources=sources)

    def read(file: PurePath) -> str | None:
        return (files or {}).get(str(file.relative_to(FOLDER)))

    text = LeakText(manifest, FOLDER, FOLDER / "dbt_packages", read)
    return "\n".join(text.lines(find_leaks(manifest, make_rules())))


def test_the_cause_comes_first_with_its_cure_and_then_what_leaks_by_it() -> None:
    macro = make_macro(text="\n{{ custom }}\n")
    nodes = (make_node("a", schema="marts"), make_node("longer", schema="marts", alias="b"))

    assert (
        describe(*nodes, macro=macro, files={macro["original_file_path"]: "{# one #}\n\n" + macro["macro_sql"]})
        == f"""
  generate_schema_name (macros/generate_schema_name.sql:4) leaves the target's schema out
  4 | {{{{ custom }}}}
  = help: keep builds apart with  {{{{ custom }}}}{TAG}
      shop.marts.a           models/a.sql
      shop.marts.b (longer)  models/longer.sql
"""
    )


def test_a_cure_that_spans_lines_is_shown_whole_with_their_numbers() -> None:
    macro = make_macro(
        text="\n" * 7 + "  {% if custom %}\n    live_\n      {{- custom }}\n  {% else %}{{ target.schema }}{% endif %}"
    )

    assert (
        describe(make_node("a", schema="marts"), macro=macro)
        == f"""
  generate_schema_name (macros/generate_schema_name.sql:9) leaves the target's schema out when custom
   9 | live_
  10 |   {{{{- custom }}}}
  = help: keep builds apart with
   9 | live_
  10 |   {{{{- custom }}}}{TAG}
      shop.marts.a  models/a.sql
"""
    )


def test_the_macro_of_a_package_is_named_where_it_is_installed() -> None:
    macro, node = make_macro(package="house"), make_node("a", package_name="house", schema="marts")

    text = describe(node, macro=macro, files={f"dbt_packages/house/{macro['original_file_path']}": macro["macro_sql"]})

    assert "(dbt_packages/house/macros/generate_schema_name.sql:1)" in text
    assert "      shop.marts.a  models/a.sql in package house\n" in text


def test_a_source_that_is_what_leaks_is_part_of_the_cure() -> None:
    text = describe(make_seed("raw"), READER, macro=make_macro(), sources=(make_source(),))

    line = f'= help: the source `ecom` reads from there, so give it in models/sources.yml  schema: "raw{TAG}"'
    assert f"{TAG}{{% endmacro %}}\n  {line}\n      shop.raw.raw_orders" in text


def test_a_cause_without_a_macro_is_told_with_every_line_of_its_help() -> None:
    node = make_node("h", resource_type="snapshot", schema="old", config={"target_schema": "old"})

    assert (
        describe(node)
        == """
  the snapshot names its schema literally (target_schema='old')
  = help: keep builds apart with  target_schema='old' ~ env_var('DOT_SCHEMA_SUFFIX', '')
          or leave snapshots out with `-- --exclude resource_type:snapshot`
      shop.old.h  snapshots/h.sql
"""
    )


@each(("number", "more"), [(MOST_NAMES, None), (1358, f"      … and {1358 - MOST_NAMES:,} more")])
def test_what_leaks_by_one_cause_is_cut(number: int, more: str | None) -> None:
    lines = describe(*(make_node(f"m{n}", schema="marts") for n in range(number)), macro=make_macro()).splitlines()

    assert sum(line.startswith("      shop.") for line in lines) == MOST_NAMES
    assert [line for line in lines if "…" in line] == ([more] if more else [])


def test_the_causes_are_cut_too_and_the_largest_comes_first() -> None:
    small = [
        make_node(f"s{n}", resource_type="snapshot", schema=f"old{n}", config={"target_schema": f"old{n}"})
        for n in range(MOST_NAMES + 2)
    ]
    large = [make_node(f"m{n}", schema="marts") for n in range(3)]

    lines = describe(*small, *large, macro=make_macro()).splitlines()

    assert "generate_schema_name" in lines[1]
    assert lines[-1] == "  … and 3 more, of 3 more causes"


@each(
    ("number", "head"),
    [(1, "1 source reads"), (MOST_NAMES + 1, f"{MOST_NAMES + 1} sources read")],
)
def test_sources_that_are_read_from_outside_are_told_with_what_the_build_makes(number: int, head: str) -> None:
    lost = tuple(
        LostSource(source=f"ecom.t{n}", file="s.yml", reads=f"raw.t{n}", makes=f"raw_x.t{n}", schema_line="schema: x")
        for n in range(number)
    )

    first, *lines = describe_lost_sources(lost)

    assert first == f"{head} what this project makes elsewhere, and not what this build makes"
    assert lines[1] == "  ecom.t0 reads raw.t0, this build makes raw_x.t0"
    assert ["  … and 1 more"] * (number > 1) == [line for line in lines if "…" in line]
    assert lines[-2:] == ["  = help: give the source `ecom` in s.yml  schema: x", ""]
