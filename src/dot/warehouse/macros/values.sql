{#- A number that is the same for the same rows in any order, as text, over several expressions; null where the
    warehouse has no hash that could be summed, and then every column is compared. -#}
{% macro dot_checksum(values) %}
    {%- set checksum = adapter.dispatch('dot_checksum', 'dot_warehouse')(values) | trim -%}
    {{- 'null' if checksum == 'null' else "coalesce(" ~ checksum ~ ", '0')" -}}
{% endmacro %}


{% macro default__dot_checksum(values) %}null{% endmacro %}


{% macro duckdb__dot_checksum(values) %}cast(sum(hash({{ values | join(', ') }})) as varchar){% endmacro %}


{% macro postgres__dot_checksum(values) %}cast(sum(hashtextextended(cast(row({{ values | join(', ') }}) as text), 0)) as text){% endmacro %}


{% macro snowflake__dot_checksum(values) %}cast(hash_agg({{ values | join(', ') }}) as varchar){% endmacro %}


{% macro bigquery__dot_checksum(values) -%}
    cast(sum(cast(farm_fingerprint(concat(
        {%- for value in values %}{{ "'|', " if not loop.first }}to_json_string({{ value }}){{ ', ' if not loop.last }}{% endfor -%}
    )) as bignumeric)) as string)
{%- endmacro %}


{#- xxhash64 passes over nulls, so that their place must be hashed too. -#}
{% macro spark__dot_checksum(values) -%}
    cast(sum(cast(xxhash64({% for value in values %}{{ value }}, {{ value }} is null{{ ', ' if not loop.last }}{% endfor %}) as decimal(38, 0))) as string)
{%- endmacro %}


{#- Values are hashed one by one, so that all of them fit into one text. No fnv_hash, whose sum often stays the same
    when two rows exchange values that differ in their last letter. -#}
{% macro redshift__dot_checksum(values) -%}
    cast(sum(cast(farmfingerprint64(
        {%- for value in values -%}
            {{ " || ',' || " if not loop.first }}case when {{ value }} is null then '' else cast(farmfingerprint64({{ dot_text(value) }}) as varchar(20)) end
        {%- endfor -%}
    ) as decimal(38, 0))) as varchar(65535))
{%- endmacro %}


{#- Whether two values differ, null being a value like any other. -#}
{% macro dot_differs(base, head) %}
    {{- adapter.dispatch('dot_differs', 'dot_warehouse')(base, head) -}}
{% endmacro %}


{% macro default__dot_differs(base, head) -%}
    ({{ base }} <> {{ head }} or {{ base }} is null and {{ head }} is not null or {{ base }} is not null and {{ head }} is null)
{%- endmacro %}


{% macro duckdb__dot_differs(base, head) %}{{ base }} is distinct from {{ head }}{% endmacro %}
{% macro postgres__dot_differs(base, head) %}{{ base }} is distinct from {{ head }}{% endmacro %}
{% macro snowflake__dot_differs(base, head) %}{{ base }} is distinct from {{ head }}{% endmacro %}
{#- To `<>` one NaN is not another; to this it is. -#}
{% macro bigquery__dot_differs(base, head) %}{{ base }} is distinct from {{ head }}{% endmacro %}
{% macro spark__dot_differs(base, head) %}not ({{ base }} <=> {{ head }}){% endmacro %}
{% macro redshift__dot_differs(base, head) %}{{ dot_warehouse.default__dot_differs(base, head) }}{% endmacro %}


{#- Whether two numbers differ by at most `tolerance`. They are not subtracted, since their type may hold no such
    difference: it may be too large, or below zero. -#}
{% macro dot_is_near(base, head, tolerance) -%}
    case when {{ base }} <= {{ head }} + {{ tolerance }} and {{ head }} <= {{ base }} + {{ tolerance }} then 1 else 0 end = 1
{%- endmacro %}


{#- A name in the warehouse's own quotes, which adapters do not double within it. -#}
{% macro dot_quote(name) %}
    {%- set quoted = adapter.quote('x') -%}
    {{- quoted[0] ~ name | replace(quoted[-1], quoted[-1] * 2) ~ quoted[-1] -}}
{% endmacro %}


{% macro dot_text(expression) %}
    {{- adapter.dispatch('dot_text', 'dot_warehouse')(expression) -}}
{% endmacro %}


{% macro default__dot_text(expression) %}cast({{ expression }} as {{ dbt.type_string() }}){% endmacro %}


{#- A type of text without its length ends after 256 characters. -#}
{% macro redshift__dot_text(expression) %}cast({{ expression }} as varchar(65535)){% endmacro %}


{#- A value as a person reads it. -#}
{% macro dot_shown(pair, expression) %}
    {{- adapter.dispatch('dot_shown', 'dot_warehouse')(pair, expression) | trim -}}
{% endmacro %}


{% macro default__dot_shown(pair, expression) %}{{ dot_text(expression) }}{% endmacro %}


{% macro duckdb__dot_shown(pair, expression) %}
    {%- if not pair.is_text -%}
        {{ dot_text(expression) }}
    {%- else -%}
        decode({{ expression }}{{ '.text' if pair.base.startswith('case') }})
    {%- endif -%}
{% endmacro %}


{#- What lets a session write every digit, since values are compared and shown as text. -#}
{% macro dot_prepare() %}
    {%- do adapter.dispatch('dot_prepare', 'dot_warehouse')() -%}
{% endmacro %}


{% macro default__dot_prepare() %}{% endmacro %}
{% macro redshift__dot_prepare() %}{% endmacro %}


{% macro postgres__dot_prepare() %}
    {%- do run_query("select set_config('extra_float_digits', '1', false), set_config('intervalstyle', 'postgres', false)") -%}
{% endmacro %}


{#- No more than so many rows, after an `order by`. -#}
{% macro dot_limit(rows) %}
    {{- adapter.dispatch('dot_limit', 'dot_warehouse')(rows | int) -}}
{% endmacro %}


{% macro default__dot_limit(rows) %}limit {{ rows }}{% endmacro %}
{% macro sqlserver__dot_limit(rows) %}offset 0 rows fetch next {{ rows }} rows only{% endmacro %}
{% macro fabric__dot_limit(rows) %}offset 0 rows fetch next {{ rows }} rows only{% endmacro %}
