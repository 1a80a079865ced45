{#- The columns of every relation of the comparisons, by `dot_key_of`; a relation that is not there has none. -#}
{% macro dot_columns(comparisons) %}
    {%- set wanted = {} -%}
    {%- for comparison in comparisons -%}
        {%- for side in [comparison.base, comparison.head] if side -%}
            {%- do wanted.update({dot_key_of(side): side}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('dot_columns_of', 'dot_warehouse')(wanted) if wanted else {}) }}
{% endmacro %}


{% macro dot_key_of(side) %}
    {{- return(((side.database or '') ~ '.' ~ side.schema ~ '.' ~ side.identifier) | lower if side else '') -}}
{% endmacro %}


{#- Columns with the names that others have for them, where case makes no other name. -#}
{% macro dot_respell(columns, others) %}
    {%- set spelled = {} -%}
    {%- for other in others if adapter.dispatch('dot_ignores_case', 'dot_warehouse')() -%}
        {%- do spelled.update({other.name | lower: other.name}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for column in columns -%}
        {%- do found.append(dict(column, name=spelled.get(column.name | lower, column.name))) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#- Whether a name in quotes finds a column in whatever case. -#}
{% macro default__dot_ignores_case() %}{{ return(false) }}{% endmacro %}
{% macro duckdb__dot_ignores_case() %}{{ return(true) }}{% endmacro %}
{% macro bigquery__dot_ignores_case() %}{{ return(true) }}{% endmacro %}
{% macro spark__dot_ignores_case() %}{{ return(true) }}{% endmacro %}


{#- One question a relation, for warehouses whose catalog has no common form. -#}
{% macro default__dot_columns_of(wanted) %}
    {%- set found = {} -%}
    {%- for key, side in wanted.items() -%}
        {%- set relation = adapter.get_relation(side.database, side.schema, side.identifier) -%}
        {%- if relation -%}
            {%- set columns = [] -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.append({'name': column.name, 'type': column.data_type | lower, 'is_nullable': none}) -%}
            {%- endfor -%}
            {%- do found.update({key: columns}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#- One question a database: rows of database, schema, relation, column, type and `YES` or `NO` for nullable. -#}
{% macro dot_columns_by_query(wanted, queries) %}
    {%- set found = {} -%}
    {%- for query in queries -%}
        {%- for row in run_query(query).rows -%}
            {%- set key = (row[0] ~ '.' ~ row[1] ~ '.' ~ row[2]) | lower -%}
            {%- if key in wanted -%}
                {%- do found.setdefault(key, []).append({'name': row[3], 'type': row[4] | lower, 'is_nullable': row[5] == 'YES'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{% macro dot_schemas_of(wanted) %}
    {%- set schemas = [] -%}
    {%- for side in wanted.values() -%}
        {%- do schemas.append("'" ~ side.schema | lower | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {{- schemas | unique | join(', ') -}}
{% endmacro %}


{#- The databases, in quotes where the relations' names have them: `shop` and `"shop"` may be two. -#}
{% macro dot_databases_of(wanted) %}
    {%- set databases = [] -%}
    {%- for side in wanted.values() -%}
        {%- set quoted = dot_quote(side.database) -%}
        {%- do databases.append(quoted if side.relation.startswith(quoted) else side.database) -%}
    {%- endfor -%}
    {{ return(databases | unique | list) }}
{% endmacro %}


{% macro dot_information_schema(wanted, source, type='data_type') %}
    select table_catalog, table_schema, table_name, column_name, {{ type }}, is_nullable
    from {{ source }}
    where lower(table_schema) in ({{ dot_schemas_of(wanted) }})
    order by table_catalog, table_schema, table_name, ordinal_position
{% endmacro %}


{% macro duckdb__dot_columns_of(wanted) %}
    {{ return(dot_columns_by_query(wanted, [dot_information_schema(wanted, 'information_schema.columns')])) }}
{% endmacro %}


{% macro snowflake__dot_columns_of(wanted) %}
    {%- set type -%}
        data_type || case
            when numeric_precision is not null and data_type = 'NUMBER' then '(' || numeric_precision || ',' || numeric_scale || ')'
            else ''
        end
    {%- endset -%}
    {{ return(dot_columns_by_each_database(wanted, type)) }}
{% endmacro %}


{#- Only the databases of Unity Catalog have an information schema. -#}
{% macro databricks__dot_columns_of(wanted) %}
    {%- set catalogs, others = {}, {} -%}
    {%- for key, side in wanted.items() -%}
        {%- set is_old = (side.database or 'hive_metastore') | lower == 'hive_metastore' -%}
        {%- do (others if is_old else catalogs).update({key: side}) -%}
    {%- endfor -%}
    {%- set found = dot_columns_by_each_database(catalogs, 'full_data_type') -%}
    {{ return(dict(found, **dot_warehouse.default__dot_columns_of(others))) }}
{% endmacro %}


{% macro dot_columns_by_each_database(wanted, type) %}
    {%- set queries = [] -%}
    {%- for database in dot_databases_of(wanted) -%}
        {%- do queries.append(dot_information_schema(wanted, database ~ '.information_schema.columns', type)) -%}
    {%- endfor -%}
    {{ return(dot_columns_by_query(wanted, queries)) }}
{% endmacro %}


{#- The view belongs to the dataset, which may be gone. -#}
{% macro bigquery__dot_columns_of(wanted) %}
    {%- set queries = [] -%}
    {%- for side in wanted.values() if adapter.check_schema_exists(side.database, side.schema) -%}
        {%- do queries.append(dot_information_schema(wanted, '`' ~ side.database ~ '`.`' ~ side.schema ~ '`.INFORMATION_SCHEMA.COLUMNS')) -%}
    {%- endfor -%}
    {{ return(dot_columns_by_query(wanted, queries | unique | list)) }}
{% endmacro %}


{#- No catalog has the columns of views that are bound late; the adapter knows where they are. -#}
{% macro redshift__dot_columns_of(wanted) %}
    {{ return(dot_warehouse.default__dot_columns_of(wanted)) }}
{% endmacro %}


{#- The catalog itself, which has the types in full and needs no right to read the relations. -#}
{% macro postgres__dot_columns_of(wanted) %}
    {%- set query -%}
        select current_database(), n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then 'NO' else 'YES' end
        from pg_catalog.pg_attribute as a
        join pg_catalog.pg_class as c on c.oid = a.attrelid
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'p', 'f')
            and lower(n.nspname) in ({{ dot_schemas_of(wanted) }})
        order by n.nspname, c.relname, a.attnum
    {%- endset -%}
    {{ return(dot_columns_by_query(wanted, [query])) }}
{% endmacro %}
