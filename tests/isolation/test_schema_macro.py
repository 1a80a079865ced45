"""Which lines of a macro forget the target's schema, and that the change proposed for each of them mends it."""

from itertools import product
from textwrap import dedent

import pytest

from cases import each
from dot.isolation.schema_macro import find_suspects, keeps_schema
from examples.little_dbt import mend, render

SUFFIX = "env_var('DOT_SCHEMA_SUFFIX', '')"
TAG = f"{{{{ {SUFFIX} }}}}"
HASH = "_a1b2c3d"
REST = "{% else %} {{ target.schema }}{% endif %}"

# Each macro, and its lines that are to change: number, the line as it should be, and when the macro comes there.
FORGETFUL: dict[str, tuple[str, list[tuple[int, str, str | None]]]] = {
    "the custom schema alone, in production only": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {%- set default_schema = target.schema -%}
    {%- if custom is none -%}
        {{ default_schema }}
    {%- elif target.name == 'prod' -%}
        {{ custom | trim }}
    {%- else -%}
        {{ default_schema }}_{{ custom | trim }}
    {%- endif -%}
{%- endmacro %}
""",
        [(6, f"{{{{ custom | trim }}}}{TAG}", "when target.name == 'prod'")],
    ),
    "in the branch that is left": (
        """\
{% macro generate_schema_name(custom, node) %}
  {% if target.name != 'prod' or not custom %}
    {{ target['schema'] }}
  {% else %}
    {{- custom -}}
  {% endif %}
{% endmacro %}
""",
        [(5, f"{{{{- custom -}}}}{TAG}", None)],
    ),
    "a text instead of a variable": (
        """\
{% macro generate_schema_name(custom, node) -%}
  {% if target.name == 'prod' %} live {% elif custom %} {{ custom }}_dev {% else %} {{ target.schema }}{% endif %}
{%- endmacro %}
""",
        [(2, f"{{% if target.name == 'prod' %}} live{TAG} {{% elif custom %}} {{{{ custom }}}}_dev{TAG} {REST}", None)],
    ),
    "returned": (
        """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}
        {{ return(custom | trim) }}
    {% endif %}
    {% do return(target.schema) %}
{% endmacro %}
""",
        [(3, f"{{{{ return(custom | trim ~ {SUFFIX}) }}}}", "when custom")],
    ),
    "returned by a statement": (
        """\
{% macro generate_schema_name(custom, node) %}
    {%- if target.name == 'prod' and custom -%}
        {%- do return(custom) -%}
    {%- endif -%}
    {{ return(target.schema) }}
{% endmacro %}
""",
        [(3, f"{{%- do return(custom ~ {SUFFIX}) -%}}", "when target.name == 'prod' and custom")],
    ),
    "one of two alternatives, returned over several lines": (
        """\
{% macro generate_schema_name(custom, node) %}
    {{ return(
        custom
        if custom else target.schema
    ) }}
{% endmacro %}
""",
        [(2, f"{{{{ return((\n    custom\n    if custom else target.schema\n) ~ {SUFFIX}) }}}}", None)],
    ),
    "an expression of several lines": (
        """\
{%- macro generate_schema_name(custom=none, node=none) -%}
    {{-
        custom
        or target.schema
    -}}
{%- endmacro -%}
""",
        [(2, f"{{{{-\n    custom\n    or target.schema\n-}}}}{TAG}", None)],
    ),
    "everything in one line": (
        "{% macro generate_schema_name(c, n) %}{{ c or target.schema }}{% endmacro %}",
        [(1, f"{{% macro generate_schema_name(c, n) %}}{{{{ c or target.schema }}}}{TAG}{{% endmacro %}}", None)],
    ),
    "the schema as no more than a default": (
        "{% macro generate_schema_name(custom, node) %}\n{{ custom | default(target.schema, true) }}\n{% endmacro %}",
        [(2, f"{{{{ custom | default(target.schema, true) }}}}{TAG}", None)],
    ),
    "dbt's own macro for production": (
        """\
{# We follow dbt's advice. #}
{% macro generate_schema_name(custom, node) -%}
    {{ generate_schema_name_for_env(custom, node) }}
{%- endmacro %}
""",
        [(3, f"{{{{ generate_schema_name_for_env(custom ~ {SUFFIX} if custom else none, node) }}}}", None)],
    ),
    "dbt's own macro for production, returned": (
        "{% macro generate_schema_name(c, n) %}\n{{ return(dbt.generate_schema_name_for_env(c, n)) }}\n{% endmacro %}",
        [(2, f"{{{{ return(dbt.generate_schema_name_for_env(c ~ {SUFFIX} if c else none, n)) }}}}", None)],
    ),
    "a variable that holds the schema in one branch only": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {%- set name = target.schema -%}
    {%- if target.name == 'prod' and custom -%}
        {%- set name = custom -%}
    {%- endif -%}
    {{ name }}
{%- endmacro %}
""",
        [(6, f"{{{{ name }}}}{TAG}", None)],
    ),
    "the schema in a comment": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {# target.schema #}
    {{ custom or 'live' }} {# not target.schema #}
{%- endmacro %}
""",
        [(3, f"{{{{ custom or 'live' }}}}{TAG} {{# not target.schema #}}", None)],
    ),
    "in two branches, the second with a part of its own": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {% if target.name == 'prod' %}
        live
    {% elif custom %}
        dev
        {%- if node.package_name %}_{{ node.package_name }}{% endif -%}
    {% else %}
        {{ target.schema }}{% if custom %}_{{ custom }}{% endif %}
    {% endif %}
{%- endmacro %}
""",
        [(3, f"live{TAG}", "when target.name == 'prod'"), (5, f"dev{TAG}", "when custom")],
    ),
    "in one line and the next": (
        """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}x{% else %}{{ return(custom
        or 'x') }}{% endif %}
{% endmacro %}
""",
        [
            (
                2,
                f"{{% if custom %}}x{TAG}{{% else %}}{{{{ return((custom\n    or 'x') ~ {SUFFIX}) }}}}{{% endif %}}",
                None,
            )
        ],
    ),
    "around a branch, which is mended with it": (
        """\
{% macro generate_schema_name(returned, node) %}
    {% if returned %}{{ returned }}{% else %}live{% endif %}_x
{% endmacro %}
""",
        [(2, f"{{% if returned %}}{{{{ returned }}}}{{% else %}}live{{% endif %}}_x{TAG}", None)],
    ),
    "before a branch that returns, and in it": (
        """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}x{{ return(custom) }}{% endif %}
    {{ custom or 'live' }}
{% endmacro %}
""",
        [
            (2, f"{{% if custom %}}x{{{{ return(custom ~ {SUFFIX}) }}}}{{% endif %}}", "when custom"),
            (3, f"{{{{ custom or 'live' }}}}{TAG}", None),
        ],
    ),
    "a variable made of one that does not hold the schema": (
        """\
{% macro generate_schema_name(custom, node) %}
    {% set base = custom %}
    {% set name = base %}
    {% if target.name != 'prod' %}{% set name = target.schema %}{% endif %}
    {{ name }}
{% endmacro %}
""",
        [(5, f"{{{{ name }}}}{TAG}", None)],
    ),
    "after a block that says nothing": (
        """\
{% macro generate_schema_name(custom, node) %}
    {% raw %}{% endraw %}
    {{ custom }}
{% endmacro %}
""",
        [(3, f"{{{{ custom }}}}{TAG}", None)],
    ),
    "a text of several lines": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {%- if target.name == 'prod' -%}
        {# the team -#}
        live_
        {%- set team = custom or 'all' %}
          {{- team }}

        {#- and no more #}
    {%- else -%} {{ target.schema }} {%- endif -%}
{%- endmacro %}
""",
        [
            (
                4,
                f"live_\n{{%- set team = custom or 'all' %}}\n  {{{{- team }}}}{TAG}",
                "when target.name == 'prod'",
            )
        ],
    ),
    "after a message and a loop": (
        """\
{% macro generate_schema_name(custom, node) -%}
    {{ log('naming ' ~ node.name) }}
    {%- for name in ['live'] -%}
        {{ name }}
    {%- endfor -%}
{%- endmacro %}
""",
        [(4, f"{{{{ name }}}}{TAG}", None)],
    ),
}
NAMED = pytest.mark.parametrize("name", FORGETFUL)

FAITHFUL = {
    "dbt's own": """\
{% macro generate_schema_name(custom, node) -%}
    {%- set default_schema = target.schema -%}
    {%- if custom is none -%} {{ default_schema }} {%- else -%} {{ default_schema }}_{{ custom | trim }} {%- endif -%}
{%- endmacro %}
""",
    "the suffix": f"{{% macro generate_schema_name(custom, node) %}}{{{{ custom or 'live' }}}}{TAG}{{% endmacro %}}",
    "the hash": "{% macro generate_schema_name(custom, node) %}x_{{ env_var('DOT_SHORT_HASH') }}{% endmacro %}",
    "a part that only some have": """\
{% macro generate_schema_name(custom, node) %}
    {{ target.schema }}{% if custom %}_{{ custom }}{% endif %}
{% endmacro %}
""",
    "the schema at the end": """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}{{ custom }}_{% endif %}{{ target.get('schema') }}
{% endmacro %}
""",
    "a variable made of a variable": """\
{% macro generate_schema_name(custom, node) %}
    {% set base = target.schema %}
    {% set name %}{{ base }}_{{ custom }}{% endset %}
    {% set whole = name ~ '_x' %}
    {{ return(whole if custom else base) }}
{% endmacro %}
""",
    "dbt's default": "{% macro generate_schema_name(c, n) %}{{ default__generate_schema_name(c, n) }}{% endmacro %}",
    "a statement beside it": """\
{% macro generate_schema_name(custom, node) %}
    {{ custom }}{% do log('live') %}_{{ target.schema }}{% do log('live') %}
{% endmacro %}
""",
    "a statement in a branch of its own": """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}{% do log('live') %}{% else %}{{ target.schema }}{% endif %}
{% endmacro %}
""",
    "one part or another": """\
{% macro generate_schema_name(custom, node) %}
    {% if custom %}
        {{ target.schema }}{% if target.name == 'prod' %}_live{% else %}_dev{% endif %}
    {% endif %}
{% endmacro %}
""",
    "nothing at all": "{% macro generate_schema_name(custom, node) %}{% endmacro %}",
    "only an error": """\
{% macro generate_schema_name(custom, node) %}
    {% if not custom %}{{ exceptions.raise_compiler_error('no schema') }}{% endif %}
    {{- target.schema -}}
{% endmacro %}
""",
}


@NAMED
def test_the_lines_that_forget_the_schema_are_named_with_their_change_and_their_condition(name: str) -> None:
    macro_sql, expected = FORGETFUL[name]

    found = find_suspects(macro_sql)
    assert [(suspect.line, dedent(suspect.fix), suspect.condition) for suspect in found] == expected


@NAMED
def test_the_line_as_it_is_stands_beside_its_change(name: str) -> None:
    macro_sql, _ = FORGETFUL[name]

    for suspect in find_suspects(macro_sql):
        assert "\n".join(macro_sql.split("\n")[suspect.line - 1 :]).startswith(suspect.text)


@each("name", FAITHFUL)
def test_a_macro_that_keeps_the_schema_has_nothing_to_change(name: str) -> None:
    assert find_suspects(FAITHFUL[name]) == ()


@NAMED
def test_a_mended_macro_keeps_builds_apart_and_names_live_schemas_as_before(name: str) -> None:
    macro_sql, _ = FORGETFUL[name]
    mended = mend(macro_sql)
    cases = tuple(product(("prod", "dev"), (None, "marts")))

    assert any(HASH not in render(macro_sql, *case, suffix=HASH) for case in cases)
    assert [HASH in render(mended, *case, suffix=HASH) for case in cases] == [True] * 4
    assert [render(macro_sql, *case) for case in cases] == [render(mended, *case) for case in cases]


@each(
    ("text", "expected"),
    [
        ("/lake/{{ target.schema }}/x.parquet", True),
        ("/lake/x{{ env_var('DOT_SCHEMA_SUFFIX', '') }}.parquet", True),
        ("/lake/{{ env_var('DOT_SHORT_HASH') }}/x.parquet", True),
        ("/lake/{{ env_var('USER') }}/x.parquet", False),
        ("/lake/{{ target.schema_of_mine }}/x.parquet", False),
        ("/lake/{{ target.schema if target.name == 'dev' else 'live' }}/x.parquet", False),
    ],
)
def test_a_place_keeps_the_schema_when_all_that_it_may_render_to_does(text: str, *, expected: bool) -> None:
    assert keeps_schema(text) == expected
