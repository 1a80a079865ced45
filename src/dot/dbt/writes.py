"""What each dbt command writes into the warehouse."""

WRITES: dict[str, tuple[str, ...]] = {
    "build": ("model", "seed", "snapshot", "test", "function"),
    "clone": ("model", "seed", "snapshot"),
    "compile": (),
    "docs generate": (),
    "retry": ("model", "seed", "snapshot", "test", "function"),
    "run": ("model",),
    "seed": ("seed",),
    "show": (),
    "snapshot": ("snapshot",),
    "source freshness": (),
    "test": ("test",),
}
"""The kinds of nodes that a dbt command can write; none for one that writes nothing but runs code of the project."""
