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
    {{- return(dot_key(side.database, side.schema, side.identifier) if side else '') -}}
{% endmacro %}


{#- The parts of a name with what stands in none of them in between. -#}
{% macro dot_key(database, schema, identifier) %}
    {{- return((database or '') ~ '\n' ~ schema ~ '\n' ~ identifier) -}}
{% endmacro %}


{#- A type in lower case, but for what stands in quotes: labels and names. -#}
{% macro dot_spell(type) %}
    {{- return(type if "'" in type or '"' in type else type | lower) -}}
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
                {%- do columns.append({'name': column.name, 'type': dot_spell(column.data_type), 'is_nullable': none}) -%}
            {%- endfor -%}
            {%- do found.update({key: columns}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#- One question a database: rows of database, schema, relation, column, type and `YES` or `NO` for nullable. A relation is
    found by its name as it is, and only where there is none by its name in another case. -#}
{% macro dot_columns_by_query(wanted, queries) %}
    {%- set found, names = {}, {} -%}
    {%- for key in wanted -%}{%- do names.update({key | lower: key}) -%}{%- endfor -%}
    {%- for query in queries -%}
        {%- for row in run_query(query).rows -%}
            {%- set key = dot_key(row[0], row[1], row[2]) -%}
            {%- if key | lower in names -%}
                {%- set column = {'name': row[3], 'type': dot_spell(row[4]), 'is_nullable': row[5] == 'YES'} -%}
                {%- do found.setdefault(key, []).append(column if row | length == 6 else dict(column, form=row[6], is_collatable=row[7])) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for key in found -%}{%- do names.update({key | lower: key}) -%}{%- endfor -%}
    {%- set columns = {} -%}
    {%- for key in wanted if key in found or names[key | lower] in found -%}
        {%- do columns.update({key: found[key if key in found else names[key | lower]]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
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


{#- The catalog itself, which has the types in full and needs no right to read the relations. It knows what each type is made
    of, down to types whose equality is that of their bytes (`plain`), of numbers, or something else (`text`). -#}
{% macro postgres__dot_columns_of(wanted) %}
    {%- set query -%}
        with recursive columns as (
            select n.nspname, c.relname, a.*
            from pg_catalog.pg_attribute as a
            join pg_catalog.pg_class as c on c.oid = a.attrelid
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'p', 'f')
                and lower(n.nspname) in ({{ dot_schemas_of(wanted) }})
        ),
        parts as (
            select distinct atttypid as root, atttypid as part, false as is_inexact from columns
            union
            select parts.root, inner_parts.oid, parts.is_inexact or inner_parts.is_inexact
            from parts
            join pg_catalog.pg_type as t on t.oid = parts.part
            cross join lateral (
                select t.typbasetype as oid, false as is_inexact where t.typtype = 'd'
                union all
                select e.oid, false from pg_catalog.pg_type as e where e.typarray = t.oid
                union all
                select r.rngsubtype, {{ dot_is_inexact('r.rngcollation') }} from pg_catalog.pg_range as r where r.rngtypid = t.oid
                union all
                select r.rngtypid, false from pg_catalog.pg_range as r where cast(to_jsonb(r) ->> 'rngmultitypid' as oid) = t.oid
                union all
                select a.atttypid, {{ dot_is_inexact('a.attcollation') }} from pg_catalog.pg_attribute as a
                where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
            ) as inner_parts
        ),
        forms as (
            select root, max(case
                    when is_inexact or exists (
                        select from pg_catalog.pg_type as b where b.oid = t.typbasetype and b.typtype in ('c', 'e')
                    ) then 2
                    when typtype = 'e' then 0
                    when typtype in ('d', 'c', 'r', 'm') or exists (select from pg_catalog.pg_type as e where e.typarray = t.oid) then 0
                    when t.oid in ('pg_catalog.float4'::regtype, 'pg_catalog.float8'::regtype, 'pg_catalog.numeric'::regtype, 'pg_catalog.jsonb'::regtype) then 1
                    when t.oid <> 'pg_catalog.bpchar'::regtype and exists (
                        select from pg_catalog.pg_opclass as o
                        join pg_catalog.pg_am as m on m.oid = o.opcmethod and m.amname = 'btree'
                        join pg_catalog.pg_amproc as p on p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype
                            and p.amprocrighttype = o.opcintype and p.amprocnum = 4
                        where o.opcdefault and (o.opcintype = t.oid or not {{ dot_has_order('t.oid') }} and exists (
                            select from pg_catalog.pg_cast as k
                            where k.castsource = t.oid and k.casttarget = o.opcintype and k.castmethod = 'b' and k.castcontext = 'i'
                        ))
                    ) then 0
                    else 2
                end) as form
            from parts
            join pg_catalog.pg_type as t on t.oid = parts.part
            group by root
        )
        select current_database(), nspname, relname, attname, format_type(atttypid, atttypmod),
            case when attnotnull then 'NO' else 'YES' end,
            case form when 0 then 'plain' when 1 then 'number' else 'text' end, attcollation <> 0
        from columns
        join forms on forms.root = atttypid
        order by nspname, relname, attnum
    {%- endset -%}
    {{ return(dot_columns_by_query(wanted, [query])) }}
{% endmacro %}


{#- Whether a collation calls letters equal that are others. -#}
{% macro dot_is_inexact(collation) -%}
    exists (select from pg_catalog.pg_collation as c where c.oid = {{ collation }} and to_jsonb(c) ->> 'collisdeterministic' = 'false')
{%- endmacro %}


{% macro dot_has_order(type) -%}
    exists (
        select from pg_catalog.pg_opclass as o
        join pg_catalog.pg_am as m on m.oid = o.opcmethod and m.amname = 'btree'
        where o.opcdefault and o.opcintype = {{ type }}
    )
{%- endmacro %}


{#- The columns of both sides, with what the catalog does not tell. -#}
{% macro dot_examine(comparison, known) %}
    {{ return(adapter.dispatch('dot_examine', 'dot_warehouse')(comparison, known)) }}
{% endmacro %}


{% macro default__dot_examine(comparison, known) %}{{ return([known.base_columns, known.head_columns]) }}{% endmacro %}


{#- Whether letters are in a collation, which views inherit: it changes the hash of a text to which the column lends its own.
    No catalog tells, so that both sides are asked, without their rows. -#}
{% macro duckdb__dot_examine(comparison, known) %}
    {%- set letters, probes = [], [] -%}
    {%- for side in ['base', 'head'] -%}
        {%- for column in known[side ~ '_columns'] if column.type == 'varchar' -%}
            {%- do letters.append(column.name) -%}
            {%- do probes.append('hash(coalesce(dot_' ~ side ~ '.' ~ dot_quote(column.name) ~ ", 'ÀÉ')) <> hash(encode('ÀÉ'))") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set query -%}
        select {{ probes | join(', ') }}
        from (select 1) as dot_one
        {%- for side in ['base', 'head'] %}
        left join (select * from {{ comparison[side].relation }} limit 0) as dot_{{ side }} on true
        {%- endfor %}
    {%- endset -%}
    {%- set collated = [] -%}
    {%- for is_collated in (dot_first_row(query) if probes else []) -%}
        {%- if is_collated -%}{%- do collated.append(letters[loop.index0]) -%}{%- endif -%}
    {%- endfor -%}
    {%- set sides = [] -%}
    {%- for columns in [known.base_columns, known.head_columns] -%}
        {%- set side = [] -%}
        {%- for column in columns -%}{%- do side.append(dict(column, is_collated=column.name in collated)) -%}{%- endfor -%}
        {%- do sides.append(side) -%}
    {%- endfor -%}
    {{ return(sides) }}
{% endmacro %}
