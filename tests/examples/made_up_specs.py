"""Specs that Hypothesis makes up, as data: the same twice, each mapping in another order the second time."""

from typing import Any

from hypothesis import strategies as st

from dot.bundle.layout import LAYERS

lines = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(str.isprintable)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
names = st.from_regex("[a-z]{4,6}x", fullmatch=True)
keys = st.from_regex("[A-Za-z0-9_-]{1,8}", fullmatch=True)
mappings = st.dictionaries(lines.map("k{}".format), texts, max_size=3)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def joined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


heads = joined(
    st.fixed_dictionaries(
        {
            "domain": names,
            "source": names,
            "layer": st.sampled_from(LAYERS),
            "asset": st.from_regex("[a-z]{1,9}(_[a-z0-9]{1,9}){0,2}", fullmatch=True),
        }
    ),
    optional(tags=mappings),
)
tasks = joined(
    st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("notebook"), "notebook_path": st.just("src/a.py"), "base_parameters": mappings}
        ),
        st.fixed_dictionaries(
            {"type": st.just("pipeline"), "pipeline_id": lines, "refresh_selection": st.lists(lines, max_size=2)}
        ),
        st.fixed_dictionaries(
            {"type": st.just("sql"), "path": st.just("a.sql"), "warehouse_id": lines, "parameters": mappings}
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("dbt"),
                "project_directory": st.just("a"),
                "commands": st.lists(lines.map("dbt {}".format), min_size=1, max_size=10),
                "warehouse_id": lines,
                "existing_cluster_id": lines,
            }
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("wheel"),
                "package_name": lines,
                "entry_point": lines,
                "existing_cluster_id": lines,
                "named_parameters": mappings,
            }
        ),
    ),
    optional(description=texts, max_retries=st.integers(-1, 99), timeout_seconds=st.integers(0, 9999)),
)


@st.composite
def jobs(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.dictionaries(keys, tasks, min_size=1, max_size=4))
    listed = []
    for key, task in found.items():
        before = [one["task_key"] for one in listed]
        wanted = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
        listed.append({"task_key": key, "depends_on": wanted, **task})
    more = draw(
        optional(description=texts, parameters=mappings, queue=st.booleans(), max_concurrent_runs=st.integers(1, 999))
    )
    return {"kind": "job", **draw(heads), **more, "tasks": listed}


@st.composite
def pipelines(draw: st.DrawFn) -> dict[str, Any]:
    more = draw(
        optional(configuration=mappings, channel=st.sampled_from(["CURRENT", "PREVIEW"]), continuous=st.booleans())
    )
    libraries = draw(st.lists(st.fixed_dictionaries({"layer": st.sampled_from(LAYERS)}), max_size=3))
    return {"kind": "pipeline", **draw(heads), **more, "libraries": libraries}


def reorder(draw: st.DrawFn, data: Any) -> Any:
    """The same data, each mapping in another order."""
    if isinstance(data, dict):
        return {key: reorder(draw, data[key]) for key in draw(st.permutations(list(data)))}
    return [reorder(draw, item) for item in data] if isinstance(data, list) else data


@st.composite
def specs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    data = draw(st.one_of(jobs(), pipelines()))
    return data, reorder(draw, data)
