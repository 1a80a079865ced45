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


{#- Whether two numbers differ by no more than a third. Their difference itself may be too large, or below zero, for
    their type. -#}
{% macro dot_is_near(base, head, tolerance) -%}
    case when {{ base }} <= {{ head }} + {{ tolerance }} and {{ head }} <= {{ base }} + {{ tolerance }} then 1 else 0 end = 1
{%- endmacro %}


{#- A name in the warehouse's own quotes, which adapters do not double within it. -#}
{% macro dot_quote(name) %}
    {%- set quoted = adapter.quote('x') -%}
    {{- quoted[0] ~ name | replace(quoted[-1], quoted[-1] * 2) ~ quoted[-1] -}}
{% endmacro %}


{#- A column as something that can be compared, hashed, grouped and turned into text. -#}
{% macro dot_value(name, type) %}
    {{- adapter.dispatch('dot_value', 'dot_warehouse')(dot_quote(name), type) | trim -}}
{% endmacro %}


{% macro default__dot_value(column, type) %}{{ column if dot_is_comparable(type) else dot_text(column) }}{% endmacro %}


{#- Where a cast of these is an error, or one of bytes that are no UTF-8. -#}
{% macro bigquery__dot_value(column, type) -%}
    {%- set base = dot_base_type(type) -%}
    {%- if base == 'geography' -%}
        st_astext({{ column }})
    {%- elif base == 'bytes' or not dot_is_comparable(type) -%}
        to_json_string({{ column }})
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}


{#- Which turns none of these into text by a cast, or not every value. -#}
{% macro redshift__dot_value(column, type) -%}
    {%- set base = dot_base_type(type) -%}
    {%- if base in ['boolean', 'bool'] -%}
        case when {{ column }} then 'true' when not {{ column }} then 'false' end
    {%- elif base == 'super' -%}
        json_serialize({{ column }})
    {%- elif base in ['geometry', 'geography'] -%}
        st_asewkt({{ column }})
    {%- elif base in ['varbyte', 'varbinary', 'binary varying'] -%}
        from_varbyte({{ column }}, 'hex')
    {%- else -%}
        {{ dot_warehouse.default__dot_value(column, type) }}
    {%- endif -%}
{%- endmacro %}


{% macro dot_text(expression) %}
    {{- adapter.dispatch('dot_text', 'dot_warehouse')(expression) -}}
{% endmacro %}


{% macro default__dot_text(expression) %}cast({{ expression }} as {{ dbt.type_string() }}){% endmacro %}


{#- A type of text without its length ends after 256 letters. -#}
{% macro redshift__dot_text(expression) %}cast({{ expression }} as varchar(65535)){% endmacro %}


{#- A date is the moment at which it begins. -#}
{% macro dot_moment(expression) %}cast({{ expression }} as {{ dbt.type_timestamp() }}){% endmacro %}


{#- No more than so many rows, after an `order by`. -#}
{% macro dot_limit(rows) %}
    {{- adapter.dispatch('dot_limit', 'dot_warehouse')(rows | int) -}}
{% endmacro %}


{% macro default__dot_limit(rows) %}limit {{ rows }}{% endmacro %}
{% macro sqlserver__dot_limit(rows) %}offset 0 rows fetch next {{ rows }} rows only{% endmacro %}
{% macro fabric__dot_limit(rows) %}offset 0 rows fetch next {{ rows }} rows only{% endmacro %}


{#- `type` without its size: `decimal` for `decimal(18, 3)`. -#}
{% macro dot_base_type(type) %}
    {{- return(type.split('(')[0].split('<')[0] | trim | lower) -}}
{% endmacro %}


{% macro dot_is_number(type) %}
    {{ return(dot_base_type(type) in [
        'tinyint', 'smallint', 'integer', 'int', 'int2', 'int4', 'int8', 'int64', 'bigint', 'hugeint', 'byteint', 'short', 'long',
        'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint', 'decimal', 'numeric', 'bignumeric', 'bigdecimal', 'number', 'dec',
        'float', 'float4', 'float8', 'float64', 'real', 'double', 'double precision'
    ]) }}
{% endmacro %}


{#- Whether the type is a date, or a date with a time, in no more than microseconds. -#}
{% macro dot_is_moment(type) %}
    {{ return(dot_base_type(type) in [
        'date', 'datetime', 'timestamp', 'timestamp with time zone', 'timestamp without time zone', 'timestamp_ltz', 'timestamp_ms',
        'timestamp_ntz', 'timestamp_s', 'timestamp_tz', 'timestamptz'
    ]) }}
{% endmacro %}


{#- Whether equality, grouping and hashing are defined for the type; else its text is compared. -#}
{% macro dot_is_comparable(type) %}
    {{ return(not type.endswith(']') and dot_base_type(type) not in [
        'json', 'jsonb', 'xml', 'variant', 'object', 'super', 'map', 'union', 'struct', 'record', 'array', 'row', 'geography', 'geometry',
        'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'hllsketch', 'bit'
    ]) }}
{% endmacro %}
