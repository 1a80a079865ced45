{#- What stands for a column in a comparison: `value`, of which two are equal exactly when the values are, whatever the
    warehouse's own equality overlooks; `hashed`, for checksums, which is never the same for values that differ, and if
    `is_exact` always for those that do not; `is_text` where `value` is of another type than the column; `is_lossy` where
    values of two types may be equal and still not the same. -#}
{% macro dot_form(value, hashed=none, is_exact=true, is_text=false, is_lossy=false) %}
    {{ return({'value': value, 'hashed': hashed or value, 'is_exact': is_exact, 'is_text': is_text, 'is_lossy': is_lossy}) }}
{% endmacro %}


{#- Of a column that both sides have in the same type. -#}
{% macro dot_same(column) %}
    {{ return(adapter.dispatch('dot_same', 'dot_warehouse')(dot_quote(column.name), column)) }}
{% endmacro %}


{% macro default__dot_same(name, column) %}
    {{ return(dot_form(name) if dot_is_comparable(column.type) else dot_form(dot_text(name), is_text=true)) }}
{% endmacro %}


{#- The catalog knows what a type can do. Where equal is what has the same bytes, its own equality is taken, and letters are
    what they are in no collation; numbers are equal however many digits they are written with; all else is the text that
    the type itself writes, since a cast takes blanks away from some. -#}
{% macro postgres__dot_same(name, column) %}
    {%- set value = name ~ ' collate "C"' if column.is_collatable else name -%}
    {%- if column.form == 'text' -%}
        {%- set text = "(case when " ~ name ~ " is distinct from null then format('%s', " ~ name ~ ') end) collate "C"' -%}
        {{ return(dot_form(text, is_text=true)) }}
    {%- endif -%}
    {{ return(dot_form(value, is_exact=column.form == 'plain')) }}
{% endmacro %}


{#- Of the plain types both equality and hash are good; the hash of 128 bits is not. Letters in a collation and intervals
    are equal to others, and so is what holds them: it is its text, too, as is everything of which nothing is known. -#}
{% macro duckdb__dot_same(name, column) %}
    {%- set base = dot_base_type(column.type) -%}
    {%- set text = 'encode(cast(' ~ name ~ ' as varchar))' -%}
    {%- if base in [
        'boolean', 'tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'float', 'double',
        'date', 'time', 'time_ns', 'time with time zone', 'timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns',
        'timestamp with time zone', 'timestamptz_ns', 'blob', 'bit'
    ] or base == 'varchar' and not column.is_collated or base == 'decimal' and dot_digits(column.type) <= 18 -%}
        {{ return(dot_form(name)) }}
    {%- elif base in ['decimal', 'hugeint', 'uhugeint', 'uuid', 'bignum'] -%}
        {{ return(dot_form(name, hashed=text)) }}
    {%- elif base in ['varchar', 'json', 'enum', 'interval'] -%}
        {{ return(dot_form(text, is_text=true)) }}
    {%- endif -%}
    {{ return(dot_form('case when ' ~ name ~ " is not null then {'text': " ~ text ~ ", 'value': " ~ name ~ '} end', is_text=true)) }}
{% endmacro %}


{#- Where a cast of these is an error, or one of bytes that are no UTF-8; a collation may call other letters equal. -#}
{% macro bigquery__dot_same(name, column) %}
    {%- set base = dot_base_type(column.type) -%}
    {%- if base == 'string' -%}
        {{ return(dot_form('collate(' ~ name ~ ", '')")) }}
    {%- elif base == 'geography' -%}
        {{ return(dot_form('st_astext(' ~ name ~ ')', is_text=true)) }}
    {%- elif base == 'bytes' or base != 'interval' and not dot_is_comparable(column.type) -%}
        {{ return(dot_form('to_json_string(' ~ name ~ ')', is_text=true)) }}
    {%- endif -%}
    {{ return(dot_warehouse.default__dot_same(name, column)) }}
{% endmacro %}


{% macro snowflake__dot_same(name, column) %}
    {{ return(dot_form('collate(' ~ name ~ ", 'utf8')") if dot_is_letters(column.type) else dot_warehouse.default__dot_same(name, column)) }}
{% endmacro %}


{% macro spark__dot_same(name, column) %}
    {%- set is_collated = column.type.startswith('string collate') -%}
    {{ return(dot_form('cast(' ~ name ~ ' as binary)', is_text=true) if is_collated else dot_warehouse.default__dot_same(name, column)) }}
{% endmacro %}


{% macro sqlserver__dot_same(name, column) %}
    {%- set is_letters = dot_is_letters(column.type) -%}
    {{ return(dot_form(name ~ ' collate Latin1_General_100_BIN2_UTF8') if is_letters else dot_warehouse.default__dot_same(name, column)) }}
{% endmacro %}


{% macro fabric__dot_same(name, column) %}{{ return(dot_warehouse.sqlserver__dot_same(name, column)) }}{% endmacro %}


{#- Which turns none of these into text by a cast, or not every value. -#}
{% macro redshift__dot_same(name, column) %}
    {%- set base = dot_base_type(column.type) -%}
    {%- if base in ['boolean', 'bool'] -%}
        {{ return(dot_form('case when ' ~ name ~ " then 'true' when not " ~ name ~ " then 'false' end", is_text=true)) }}
    {%- elif base == 'super' -%}
        {{ return(dot_form('json_serialize(' ~ name ~ ')', is_text=true)) }}
    {%- elif base in ['geometry', 'geography'] -%}
        {{ return(dot_form('st_asewkt(' ~ name ~ ')', is_text=true)) }}
    {%- elif base in ['varbyte', 'varbinary', 'binary varying'] -%}
        {{ return(dot_form('from_varbyte(' ~ name ~ ", 'hex')", is_text=true)) }}
    {%- elif dot_is_letters(column.type) -%}
        {{ return(dot_form('collate(' ~ name ~ ", 'case_sensitive')")) }}
    {%- endif -%}
    {{ return(dot_warehouse.default__dot_same(name, column)) }}
{% endmacro %}


{#- Of a column that the other side has in another type: what means the same on both, in a type that loses nothing, or as
    text. -#}
{% macro dot_retyped(column, other) %}
    {{ return(adapter.dispatch('dot_retyped', 'dot_warehouse')(dot_quote(column.name), column, other)) }}
{% endmacro %}


{% macro default__dot_retyped(name, column, other) %}
    {%- if dot_is_number(column.type) and dot_is_number(other.type) -%}
        {{ return(dot_form(name, is_lossy=dot_is_approximate(column.type) != dot_is_approximate(other.type))) }}
    {%- elif dot_is_moment(column.type) and dot_is_moment(other.type) -%}
        {{ return(dot_form('cast(' ~ name ~ ' as ' ~ dbt.type_timestamp() ~ ')', is_text=true)) }}
    {%- endif -%}
    {{ return(dot_form(dot_text(dot_same(column).value), is_text=true)) }}
{% endmacro %}


{% macro redshift__dot_retyped(name, column, other) %}{{ return(dot_warehouse.default__dot_retyped(name, column, other)) }}{% endmacro %}


{#- A fraction is what its shortest digits say, and an integer is every digit of it, for a type of either kind. -#}
{% macro postgres__dot_retyped(name, column, other) %}
    {%- set number = 'cast(' ~ name ~ ' as numeric)' -%}
    {%- if dot_is_number(column.type) and dot_is_number(other.type) -%}
        {%- if dot_is_approximate(column.type) and dot_is_approximate(other.type) -%}
            {%- set number = 'cast(' ~ name ~ ' as double precision)' -%}
        {%- elif dot_is_approximate(column.type) -%}
            {%- set number -%}
                case when abs({{ name }}) < 9e18 and {{ name }} = trunc({{ name }}::double precision) then cast(cast({{ name }} as bigint) as numeric)
                    else cast(cast({{ name }} as text) as numeric) end
            {%- endset -%}
        {%- endif -%}
        {{ return(dot_form(number, is_exact=false)) }}
    {%- elif dot_is_moment(column.type) and dot_is_moment(other.type) -%}
        {{ return(dot_form(dot_moment(name, column.type, dot_is_instant(column.type) or dot_is_instant(other.type), 'text'), is_text=true)) }}
    {%- endif -%}
    {%- set text = 'cast(' ~ name ~ ' as text)' -%}
    {%- if column.type == 'bpchar' -%}
        {%- set text = "(case when " ~ name ~ " is distinct from null then format('%s', " ~ name ~ ') end)' -%}
    {%- endif -%}
    {{ return(dot_form('(' ~ dot_mark(column, other) ~ text ~ ') collate "C"', is_text=true)) }}
{% endmacro %}


{% macro duckdb__dot_retyped(name, column, other) %}
    {%- set text = 'cast(' ~ name ~ ' as varchar)' -%}
    {%- if dot_is_number(column.type) and dot_is_number(other.type) -%}
        {%- if dot_is_approximate(column.type) and dot_is_approximate(other.type) -%}
            {{ return(dot_form('cast(' ~ name ~ ' as double)')) }}
        {%- elif dot_is_approximate(column.type) -%}
            {%- set text -%}
                case when not isfinite({{ name }}) or abs({{ name }}) >= 1e38 then {{ text }}
                    when {{ name }} = trunc({{ name }}) then cast(cast({{ name }} as hugeint) as varchar)
                    when {{ text }} like '%e-%' then case when {{ name }} < 0 then '-' else '' end
                        || '0.' || repeat('0', cast(split_part({{ text }}, 'e-', 2) as integer) - 1)
                        || rtrim(replace(replace(split_part({{ text }}, 'e-', 1), '.', ''), '-', ''), '0')
                    else {{ text }} end
            {%- endset -%}
        {%- else -%}
            {%- set text = 'case when ' ~ text ~ " like '%.%' then rtrim(rtrim(" ~ text ~ ", '0'), '.') else " ~ text ~ ' end' -%}
        {%- endif -%}
    {%- elif dot_is_moment(column.type) and dot_is_moment(other.type) -%}
        {%- set text = dot_moment(name, column.type, dot_is_instant(column.type) or dot_is_instant(other.type), 'varchar') -%}
    {%- else -%}
        {%- set text = dot_mark(column, other) ~ text -%}
    {%- endif -%}
    {{ return(dot_form('encode(' ~ text ~ ')', is_text=true)) }}
{% endmacro %}


{#- What keeps the text of bits and bytes apart from that of what is no text: the bits `10` are not the number. -#}
{% macro dot_mark(column, other) -%}
    {%- set is_coded = not dot_is_letters(other.type) and dot_code(column.type) and dot_code(column.type) != dot_code(other.type) -%}
    {{- return("'" ~ dot_code(column.type) ~ " ' || " if is_coded else '') -}}
{%- endmacro %}


{#- By what a value is written in signs that are not its meaning: `bits` or `bytes`; nothing if by none. -#}
{% macro dot_code(type) %}
    {%- set base = dot_base_type(type) -%}
    {{- return('bits' if base in ['bit', 'bit varying', 'varbit'] else 'bytes' if base in ['blob', 'bytea', '"char"'] else none) -}}
{% endmacro %}


{#- A date with the time at which it begins, as text: the date alone where that is midnight, since there are dates for which
    there is no timestamp. Beside an instant it is both the instant and the time of day, of which neither tells all. -#}
{% macro dot_moment(name, type, is_instant, text) -%}
    {%- set base = dot_base_type(type) -%}
    {%- if is_instant and base != 'timestamp_ns' -%}
        {%- set local = 'cast(' ~ name ~ ' as timestamp)' -%}
        {%- set both = 'cast(cast(' ~ name ~ ' as timestamp with time zone) as ' ~ text ~ ") || ' ' || cast(" ~ local ~ ' as ' ~ text ~ ')' -%}
        {%- set is_far = name ~ " not between '0001-01-01' and '200000-01-01'" -%}
        case when {{ is_far }} then cast({{ name }} as {{ text }}) else {{ both }} end
    {%- elif base == 'date' -%}
        cast({{ name }} as {{ text }})
    {%- else -%}
        case when isfinite({{ name }}) and {{ name }} = cast(cast({{ name }} as date) as timestamp) then cast(cast({{ name }} as date) as {{ text }}) else cast({{ name }} as {{ text }}) end
    {%- endif -%}
{%- endmacro %}


{#- `type` without its size: `decimal` for `decimal(18, 3)`. -#}
{% macro dot_base_type(type) %}
    {%- set outside = type.split('<')[0] -%}
    {{- return((outside.split('(')[0] ~ (outside.split(')')[-1] if '(' in outside else '')) | trim | lower) -}}
{% endmacro %}


{#- How many digits a decimal may have. -#}
{% macro dot_digits(type) %}
    {{ return(type.split('(')[1].split(',')[0] | int if '(' in type else 38) }}
{% endmacro %}


{% macro dot_is_approximate(type) %}
    {{ return(dot_base_type(type) in ['float', 'float4', 'float8', 'float64', 'real', 'double', 'double precision']) }}
{% endmacro %}


{% macro dot_is_number(type) %}
    {{ return(dot_is_approximate(type) or dot_base_type(type) in [
        'tinyint', 'smallint', 'integer', 'int', 'int2', 'int4', 'int8', 'int64', 'bigint', 'hugeint', 'byteint', 'short', 'long',
        'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint', 'decimal', 'numeric', 'bignumeric', 'bigdecimal', 'number', 'dec', 'bignum'
    ]) }}
{% endmacro %}


{% macro dot_is_letters(type) %}
    {{ return(dot_base_type(type) in ['text', 'string', 'varchar', 'char', 'character', 'character varying', 'bpchar', 'nchar', 'nvarchar']) }}
{% endmacro %}


{#- Whether the type is a date, or a date with a time. -#}
{% macro dot_is_moment(type) %}
    {{ return(dot_is_instant(type) or dot_base_type(type) in [
        'date', 'datetime', 'timestamp', 'timestamp without time zone', 'timestamp_ms', 'timestamp_ns', 'timestamp_ntz', 'timestamp_s'
    ]) }}
{% endmacro %}


{#- Whether it is the same moment everywhere. -#}
{% macro dot_is_instant(type) %}
    {{ return(dot_base_type(type) in ['timestamp with time zone', 'timestamptz', 'timestamp_ltz', 'timestamp_tz']) }}
{% endmacro %}


{#- Whether equality, grouping and hashing are defined for the type; else its text is compared. -#}
{% macro dot_is_comparable(type) %}
    {{ return(not type.endswith(']') and dot_base_type(type) not in [
        'json', 'jsonb', 'xml', 'variant', 'object', 'super', 'map', 'union', 'struct', 'record', 'array', 'row', 'geography', 'geometry',
        'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'hllsketch', 'bit', 'interval'
    ]) }}
{% endmacro %}
