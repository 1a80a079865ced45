{#- Compare pairs of relations, reading only. One line of JSON is printed when a comparison begins, and one with what
    it came to. A comparison is a mapping: id; base and head, each with database, schema, identifier and relation, the
    name as the warehouse writes it; candidates, lists of columns that may tell rows apart, the best first; tolerance, a
    number in SQL by column; where.
    After `budget` seconds no comparison begins. `rows` is how many rows that differ are shown. -#}
{% macro dot_diff(comparisons, budget=none, rows=0) %}
    {%- set started = modules.datetime.datetime.now() -%}
    {%- set columns = dot_columns(comparisons) -%}
    {%- for comparison in comparisons -%}
        {%- set seconds = (modules.datetime.datetime.now() - started).total_seconds() -%}
        {%- if budget is not none and seconds >= budget -%}
            {%- do dot_tell({'id': comparison.id, 'status': 'not_compared'}) -%}
        {%- else -%}
            {%- do dot_tell({'id': comparison.id, 'status': 'started'}) -%}
            {%- do dot_tell(dot_compare(comparison, columns, rows)) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro dot_tell(result) %}
    {%- do print('dot:' ~ tojson(result)) -%}
{% endmacro %}


{#- What one comparison comes to. -#}
{% macro dot_compare(comparison, columns, rows) %}
    {%- set head = columns.get(dot_key_of(comparison.head), []) -%}
    {%- set base = dot_respell(columns.get(dot_key_of(comparison.base), []), head) -%}
    {%- set result = {'id': comparison.id, 'status': 'missing', 'base_columns': base, 'head_columns': head} -%}
    {%- if base and head -%}
        {%- do result.update(dot_compare_rows(comparison, dot_pairs(base, head), rows)) -%}
    {%- elif base -%}
        {%- do result.update({'rows_base': dot_count(comparison.base.relation, comparison.where)}) -%}
    {%- elif head -%}
        {%- do result.update({'rows_head': dot_count(comparison.head.relation, comparison.where)}) -%}
    {%- endif -%}
    {{ return(result) }}
{% endmacro %}


{#- The columns that both sides have: under `base` and `head` the SQL of each, of one type on both. -#}
{% macro dot_pairs(base, head) %}
    {%- set types = {} -%}
    {%- for column in base -%}{%- do types.update({column.name: column.type}) -%}{%- endfor -%}
    {%- set pairs = [] -%}
    {%- for column in head if column.name in types -%}
        {%- set other = types[column.name] -%}
        {%- set is_number = dot_is_number(column.type) and dot_is_number(other) -%}
        {%- set is_same = column.type == other -%}
        {%- set values = [dot_value(column.name, other), dot_value(column.name, column.type)] -%}
        {%- if not is_same and dot_is_moment(column.type) and dot_is_moment(other) -%}
            {%- set values = [dot_moment(values[0]), dot_moment(values[1])] -%}
        {%- elif not is_same and not is_number -%}
            {%- set values = [dot_text(values[0]), dot_text(values[1])] -%}
        {%- endif -%}
        {%- do pairs.append({
            'name': column.name,
            'base': values[0],
            'head': values[1],
            'is_same': is_same,
            'is_number': is_number,
        }) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{% endmacro %}


{#- The cheapest question first, and no more than is needed: counts and checksums, then the columns that differ. -#}
{% macro dot_compare_rows(comparison, pairs, rows) %}
    {%- set keys = dot_keys(comparison.candidates, pairs) -%}
    {%- set key = keys[0] if keys else [] -%}
    {%- set base = dot_scan(comparison, 'base', pairs, key) -%}
    {%- set head = dot_scan(comparison, 'head', pairs, key) -%}
    {%- set result = {
        'status': 'equal',
        'rows_base': base.rows,
        'rows_head': head.rows,
        'key': key | map(attribute='name') | list,
        'added': 0,
        'removed': 0,
        'changed': 0,
    } -%}
    {%- set is_retyped = pairs | rejectattr('is_same') | list | length > 0 -%}
    {%- if is_retyped or base.rows != head.rows or base.whole is none or base.whole != head.whole -%}
        {%- set differing = [] -%}
        {%- for pair in pairs if key -%}
            {%- set sum = base.sums[loop.index0] -%}
            {%- if not pair.is_same or sum is none or sum != head.sums[loop.index0] -%}
                {%- do differing.append(pair) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do result.update(dot_find_differences(comparison, pairs, keys, differing, rows)) -%}
    {%- endif -%}
    {{ return(result) }}
{% endmacro %}


{#- The candidates whose columns both sides have, in whatever case where none is spelled like that. -#}
{% macro dot_keys(candidates, pairs) %}
    {%- set named = {} -%}
    {%- for pair in pairs -%}{%- do named.update({pair.name | lower: pair}) -%}{%- endfor -%}
    {%- for pair in pairs -%}{%- do named.update({pair.name: pair}) -%}{%- endfor -%}
    {%- set keys = [] -%}
    {%- for columns in candidates -%}
        {%- set found = [] -%}
        {%- for column in columns if column | lower in named -%}
            {%- do found.append(named.get(column) or named[column | lower]) -%}
        {%- endfor -%}
        {%- if found | length == columns | length -%}{%- do keys.append(found) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(keys) }}
{% endmacro %}


{#- One scan of one side: its rows, a checksum of them as a whole, and one of each column beside the key. Equal columns
    need not make equal rows, where there is no key or what was taken for one is none. -#}
{% macro dot_scan(comparison, side, pairs, key) %}
    {%- set keys = key | map(attribute=side) | list -%}
    {%- set values = pairs | map(attribute=side) | list -%}
    {%- set query -%}
        select count(*) as dot_rows, {{ dot_checksum(values) if values else 'null' }} as dot_whole
            {%- for value in values if key %},
            {{ dot_checksum(keys + [value]) }} as dot_sum_{{ loop.index }}
            {%- endfor %}
        from {{ comparison[side].relation }}
        {{ dot_where(comparison.where) }}
    {%- endset -%}
    {%- set row = dot_first_row(query) -%}
    {{ return({'rows': row[0] | int, 'whole': row[1], 'sums': row[2:]}) }}
{% endmacro %}


{#- By the first key that is one, else by whole rows; `differing` are the columns that differ beside the first. -#}
{% macro dot_find_differences(comparison, pairs, keys, differing, rows) %}
    {%- set rejected = {} -%}
    {%- for key in keys -%}
        {%- set names = key | map(attribute='name') | list -%}
        {%- set base = dot_count_keys(comparison, 'base', key) -%}
        {%- set head = dot_count_keys(comparison, 'head', key) -%}
        {%- if base.repeated or head.repeated -%}
            {%- if loop.first -%}
                {%- do rejected.update({'rejected': names, 'duplicates': [base.repeated, head.repeated]}) -%}
            {%- endif -%}
        {%- else -%}
            {%- set others = (differing if loop.first else pairs) | rejectattr('name', 'in', names) | list -%}
            {%- set join = dot_join(comparison, key, others, base.nulls + head.nulls > 0) -%}
            {{ return(dict(dot_compare_by_key(comparison, join, rows), key=names, **rejected)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(dict(dot_compare_whole_rows(comparison, pairs, rows), **rejected)) }}
{% endmacro %}


{% macro dot_count(relation, where) %}
    {{ return(dot_first_row('select count(*) as dot_rows from ' ~ relation ~ ' ' ~ dot_where(where))[0] | int) }}
{% endmacro %}


{#- How many keys stand in more than one row, and how many hold a null. -#}
{% macro dot_count_keys(comparison, side, key) %}
    {%- set query -%}
        select sum(case when dot_times > 1 then 1 else 0 end) as dot_repeated,
            sum(case when {% for pair in key %}dot_key_{{ loop.index }} is null{{ ' or ' if not loop.last }}{% endfor %} then 1 else 0 end) as dot_nulls
        from (
            select count(*) as dot_times{% for pair in key %}, dot_key_{{ loop.index }}{% endfor %}
            from (
                select {% for pair in key %}{{ pair[side] }} as dot_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
                from {{ comparison[side].relation }}
                {{ dot_where(comparison.where) }}
            ) as dot_rows
            group by {% for pair in key %}dot_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        ) as dot_keys
    {%- endset -%}
    {%- set row = dot_first_row(query) -%}
    {{ return({'repeated': (row[0] or 0) | int, 'nulls': (row[1] or 0) | int}) }}
{% endmacro %}


{#- Both sides beside each other, row by row, with the key and the columns that may differ. A key that holds nulls is
    joined with something in their place, and by nullness, since no null equals another. -#}
{% macro dot_join(comparison, key, pairs, has_null_key) %}
    {%- set query -%}
        {%- for side in ['base', 'head'] %}
        {{ '(' if loop.first else 'full outer join (' }}
            select 1 as dot_present
                {%- for pair in key %}, {{ pair[side] }} as dot_key_{{ loop.index }}
                {%- if has_null_key %}, coalesce({{ pair[side] ~ ', 0' if pair.is_number else dot_text(pair[side]) ~ ", ''" }}) as dot_join_{{ loop.index }},
                case when {{ pair[side] }} is null then 1 else 0 end as dot_null_{{ loop.index }}
                {%- endif %}
                {%- endfor %}
                {%- for pair in pairs %}, {{ pair[side] }} as dot_value_{{ loop.index }}
                {%- endfor %}
            from {{ comparison[side].relation }}
            {{ dot_where(comparison.where) }}
        ) as dot_{{ side }}
        {%- endfor %}
        on {% for pair in key -%}
            {%- set number = loop.index -%}
            {%- for name in (['join', 'null'] if has_null_key else ['key']) -%}
                dot_base.dot_{{ name }}_{{ number }} = dot_head.dot_{{ name }}_{{ number }}
                {{- ' and ' if not loop.last }}
            {%- endfor -%}
            {{- ' and ' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {{ return({'sql': query, 'key': key, 'pairs': pairs}) }}
{% endmacro %}


{#- Rows by their key: added, removed, changed, and of each column how many values. -#}
{% macro dot_compare_by_key(comparison, join, rows) %}
    {%- set both = 'dot_base.dot_present = 1 and dot_head.dot_present = 1' -%}
    {%- set changes = [] -%}
    {%- set query -%}
        select sum(case when dot_base.dot_present is null then 1 else 0 end) as dot_added,
            sum(case when dot_head.dot_present is null then 1 else 0 end) as dot_removed
            {%- for pair in join.pairs %}
            {%- set base = 'dot_base.dot_value_' ~ loop.index -%}
            {%- set head = 'dot_head.dot_value_' ~ loop.index -%}
            {%- set differs = dot_differs(base, head) -%}
            {%- set tolerance = comparison.tolerance.get(pair.name | lower) if pair.is_number else none -%}
            {%- set is_near = dot_is_near(base, head, tolerance) if tolerance is not none else '1 = 0' -%}
            {%- do changes.append('(' ~ differs ~ ' and not (' ~ is_near ~ '))') -%},
            sum(case when {{ both }} and {{ changes[-1] }} then 1 else 0 end) as dot_changed_{{ loop.index }},
            sum(case when {{ both }} and ({{ base }} is null and {{ head }} is not null
                or {{ base }} is not null and {{ head }} is null) then 1 else 0 end) as dot_nulls_{{ loop.index }},
            sum(case when {{ both }} and {{ differs }} and {{ is_near }} then 1 else 0 end) as dot_near_{{ loop.index }}
            {%- endfor %},
            sum(case when {{ both }} and ({{ changes | join(' or ') or '1 = 0' }}) then 1 else 0 end) as dot_changed
        from {{ join.sql }}
    {%- endset -%}
    {%- set row = dot_first_row(query) -%}
    {%- set columns = [] -%}
    {%- for pair in join.pairs -%}
        {%- set at = 2 + 3 * loop.index0 -%}
        {%- set counts = {'changed': (row[at] or 0) | int, 'nulls': (row[at + 1] or 0) | int, 'tolerated': (row[at + 2] or 0) | int} -%}
        {%- if counts.changed or counts.tolerated -%}
            {%- do counts.update({'name': pair.name}) -%}
            {%- do columns.append(counts) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set added, removed, changed = (row[0] or 0) | int, (row[1] or 0) | int, (row[-1] or 0) | int -%}
    {%- set condition = 'dot_base.dot_present is null or dot_head.dot_present is null or ' ~ (changes | join(' or ') or '1 = 0') -%}
    {{ return({
        'status': 'different' if added or removed or changed else 'equal',
        'added': added,
        'removed': removed,
        'changed': changed,
        'columns': columns,
        'samples': dot_sample_by_key(join, condition, rows) if rows and (added or removed or changed) else none,
    }) }}
{% endmacro %}


{#- Some rows that differ: the key, then the values of either side, all as text. -#}
{% macro dot_sample_by_key(join, condition, rows) %}
    {%- set query -%}
        select dot_base.dot_present as dot_in_base, dot_head.dot_present as dot_in_head
            {%- for pair in join.key %}, coalesce({{ dot_text('dot_base.dot_key_' ~ loop.index) }}, {{ dot_text('dot_head.dot_key_' ~ loop.index) }}) as dot_shown_{{ loop.index }}
            {%- endfor %}
            {%- for side in ['base', 'head'] %}
            {%- for pair in join.pairs %}, {{ dot_text('dot_' ~ side ~ '.dot_value_' ~ loop.index) }} as dot_{{ side }}_{{ loop.index }}
            {%- endfor %}
            {%- endfor %}
        from {{ join.sql }}
        where {{ condition }}
        order by {% for pair in join.key %}dot_shown_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        {{ dot_limit(rows) }}
    {%- endset -%}
    {%- set samples = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- set at = 2 + join.key | length -%}
        {%- set sample = {'key': row.values()[2:at], 'base': none, 'head': none} -%}
        {%- if row[0] -%}{%- do sample.update({'base': row.values()[at:at + join.pairs | length]}) -%}{%- endif -%}
        {%- if row[1] -%}{%- do sample.update({'head': row.values()[at + join.pairs | length:]}) -%}{%- endif -%}
        {%- do samples.append(sample) -%}
    {%- endfor -%}
    {{ return({'key': join.key | map(attribute='name') | list, 'columns': join.pairs | map(attribute='name') | list, 'rows': samples}) }}
{% endmacro %}


{#- Without a key: how many times each row stands on either side. -#}
{% macro dot_compare_whole_rows(comparison, pairs, rows) %}
    {%- set grouped -%}
        select {% for pair in pairs %}dot_value_{{ loop.index }}, {% endfor -%}
            sum(dot_in_base) as dot_base, sum(dot_in_head) as dot_head
        from (
            {%- for side in ['base', 'head'] %}
            select {{ 1 if loop.first else 0 }} as dot_in_base, {{ 0 if loop.first else 1 }} as dot_in_head
                {%- for pair in pairs %}, {{ pair[side] }} as dot_value_{{ loop.index }}{% endfor %}
            from {{ comparison[side].relation }}
            {{ dot_where(comparison.where) }}
            {{ 'union all' if loop.first }}
            {%- endfor %}
        ) as dot_both
        {{ 'group by ' if pairs }}{% for pair in pairs %}dot_value_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endset -%}
    {%- set query -%}
        select sum(case when dot_head > dot_base then dot_head - dot_base else 0 end) as dot_added,
            sum(case when dot_base > dot_head then dot_base - dot_head else 0 end) as dot_removed
        from ({{ grouped }}) as dot_grouped
    {%- endset -%}
    {%- set row = dot_first_row(query) -%}
    {%- set added, removed = (row[0] or 0) | int, (row[1] or 0) | int -%}
    {%- set samples = [] -%}
    {%- if rows and (added or removed) -%}
        {%- set shown -%}
            select dot_base, dot_head
                {%- for pair in pairs %}, {{ dot_text('dot_value_' ~ loop.index) }} as dot_shown_{{ loop.index }}{% endfor %}
            from ({{ grouped }}) as dot_grouped
            where dot_base <> dot_head
            order by {% for pair in pairs %}dot_shown_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
            {{ dot_limit(rows) }}
        {%- endset -%}
        {%- for row in run_query(shown).rows -%}
            {%- set is_removed = row[0] > row[1] -%}
            {%- do samples.append({
                'key': [],
                'base': row.values()[2:] if is_removed else none,
                'head': none if is_removed else row.values()[2:],
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({
        'status': 'different' if added or removed else 'equal',
        'key': [],
        'added': added,
        'removed': removed,
        'changed': none,
        'samples': {'key': [], 'columns': pairs | map(attribute='name') | list, 'rows': samples} if samples else none,
    }) }}
{% endmacro %}


{% macro dot_first_row(query) %}
    {{ return(run_query(query).rows[0].values()) }}
{% endmacro %}


{% macro dot_where(where) %}
    {{- 'where (' ~ where ~ ')' if where else '' -}}
{% endmacro %}
