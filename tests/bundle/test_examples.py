"""Every field of a spec is in some example, so that what Databricks' own build makes of it is tried."""

from collections.abc import Iterator
from inspect import get_annotations
from typing import Any

from dot.base.frozen import Frozen
from dot.bundle.describe_specs import list_models
from dot.bundle.modules import make_all
from dot.system.yaml import load_documents
from examples.specs import JOB, JOB_PATH, MORE_SPECS, PIPELINE, PIPELINE_PATH


def declared(model: type[Frozen], name: str) -> tuple[str, str]:
    """The class that declares the field, which several models may have from one, and its name."""
    return next(base.__name__ for base in model.__mro__ if name in get_annotations(base)), name


def given_in(value: Any) -> Iterator[tuple[str, str]]:
    """Each field that was given."""
    if isinstance(value, Frozen):
        for name in value.model_fields_set:
            yield declared(type(value), name)
            yield from given_in(getattr(value, name))
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
        yield from given_in(item)


def test_every_field_of_every_model_is_in_an_example() -> None:
    texts = {JOB_PATH: JOB, PIPELINE_PATH: PIPELINE, **MORE_SPECS}
    documents = load_documents((text, path) for path, text in texts.items())
    made, problems = make_all(zip(texts, documents, strict=True))
    assert problems == ()
    given = {pair for one in made for pair in given_in(one.spec)}
    fields = {declared(model, name) for model in list_models() for name in model.model_fields}
    assert len(fields) > 120
    assert fields - given == set()
