"""The baseline's manifest as dbt is to read it."""

import json
from pathlib import Path
from typing import Any

from dot.dbt.manifest import parse_manifest
from dot.plan.deferred_nodes import choose_functions, explain_function
from dot.plan.step import ChooseFunctions
from dot.run.context import Context
from dot.system import store


def write_baseline(step: ChooseFunctions, context: Context) -> None:
    """Leave out the functions that may differ from the build's, and say who calls the build's own."""
    content = store.read_bytes(Path(step.baseline))
    mine, baseline = parse_manifest(store.read_bytes(Path(step.manifest))), parse_manifest(content)
    data: dict[str, Any] = json.loads(content)
    for unique_id, callers in choose_functions(mine, baseline).items() if mine and baseline else ():
        name = data["functions"].pop(unique_id)["name"]
        if callers:
            context.reporter.say(explain_function(name, callers))
    store.write_whole(Path(step.path), json.dumps(data), root=context.root)
