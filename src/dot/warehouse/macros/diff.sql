{#- Compare pairs of relations, reading only. One line of JSON is printed when a comparison begins, and one with what
    it came to. A comparison is a mapping: id; base and head, each with database, schema, identifier and relation, the
    name as the warehouse writes it; key, the columns that tell rows apart; tolerance, a number by column; where.
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
    {%- set base = columns.get(dot_key_of(comparison.base), []) -%}
    {%- set head = columns.get(dot_key_of(comparison.head), []) -%}
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


{#- The columns that both sides have: `value` is the SQL of one that can be compared with the other side's. -#}
{% macro dot_pairs(base, head) %}
    {%- set types = {} -%}
    {%- for column in base -%}{%- do types.update({column.name: column.type}) -%}{%- endfor -%}
    {%- set pairs = [] -%}
    {%- for column in head if column.name in types -%}
        {%- set other = types[column.name] -%}
        {%- set is_number = dot_is_number(column.type) and dot_is_number(other) -%}
        {%- set is_same = column.type == other -%}
        {%- set name = dot_quote(column.name) -%}
        {%- set is_comparable = is_number or (is_same and dot_is_comparable(column.type)) -%}
        {%- do pairs.append({
            'name': column.name,
            'value': name if is_comparable else dot_text(name),
            'is_same': is_same,
            'is_number': is_number,
        }) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{% endmacro %}


{#- The cheapest question first, and no more than is needed: counts and checksums, then the columns that differ. -#}
{% macro dot_compare_rows(comparison, pairs, rows) %}
    {%- set key = pairs | selectattr('name', 'in', comparison.key) | list -%}
    {%- if key | length != comparison.key | length -%}
        {%- set key = [] -%}
    {%- endif -%}
    {%- set base = dot_scan(comparison.base.relation, comparison.where, pairs, key) -%}
    {%- set head = dot_scan(comparison.head.relation, comparison.where, pairs, key) -%}
    {%- set differing = [] -%}
    {%- for pair in pairs -%}
        {%- set sum = base.sums[loop.index0] -%}
        {%- if not pair.is_same or sum is none or sum != head.sums[loop.index0] -%}
            {%- do differing.append(pair) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set result = {
        'status': 'equal',
        'rows_base': base.rows,
        'rows_head': head.rows,
        'key': key | map(attribute='name') | list,
        'duplicates': [0, 0],
        'added': 0,
        'removed': 0,
        'changed': 0,
        'columns': [],
        'samples': none,
    } -%}
    {%- if differing or base.rows != head.rows or base.whole != head.whole -%}
        {%- if key -%}
            {%- do result.update({'duplicates': [
                dot_count_duplicates(comparison.base.relation, comparison.where, key),
                dot_count_duplicates(comparison.head.relation, comparison.where, key),
            ]}) -%}
        {%- endif -%}
        {%- if key and result.duplicates == [0, 0] -%}
            {%- set others = differing | rejectattr('name', 'in', comparison.key) | list -%}
            {%- set has_null_key = base.null_keys + head.null_keys > 0 -%}
            {%- do result.update(dot_compare_by_key(comparison, dot_join(comparison, key, others, has_null_key), rows)) -%}
        {%- else -%}
            {%- do result.update(dot_compare_whole_rows(comparison, pairs, rows)) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(result) }}
{% endmacro %}


{#- One scan of one side: its rows, those with a null in the key, and a checksum of each column beside the key; without
    a key one of whole rows too, since equal columns need not make equal rows. -#}
{% macro dot_scan(relation, where, pairs, key) %}
    {%- set keys = key | map(attribute='value') | list -%}
    {%- set values = pairs | map(attribute='value') | list -%}
    {%- set query -%}
        select count(*) as dot_rows,
            sum(case when {% for value in keys %}{{ value }} is null or {% endfor %}1 = 0 then 1 else 0 end) as dot_null_keys,
            {{ 'null' if key or not values else dot_checksum(values) }} as dot_whole
            {%- for value in values %},
            {{ dot_checksum(keys + [value]) }} as dot_sum_{{ loop.index }}
            {%- endfor %}
        from {{ relation }}
        {{ dot_where(where) }}
    {%- endset -%}
    {%- set row = run_query(query).rows[0].values() -%}
    {{ return({'rows': row[0] | int, 'null_keys': (row[1] or 0) | int, 'whole': row[2], 'sums': row[3:]}) }}
{% endmacro %}


{% macro dot_count(relation, where) %}
    {{ return(dot_first_row('select count(*) as dot_rows from ' ~ relation ~ ' ' ~ dot_where(where))[0] | int) }}
{% endmacro %}


{#- How many keys stand in more than one row. -#}
{% macro dot_count_duplicates(relation, where, key) %}
    {%- set names -%}
        {%- for pair in key %}{{ pair.value }}{{ ', ' if not loop.last }}{% endfor -%}
    {%- endset -%}
    {%- set query -%}
        select count(*) as dot_rows from (
            select count(*) as dot_times from {{ relation }} {{ dot_where(where) }} group by {{ names }} having count(*) > 1
        ) as dot_duplicates
    {%- endset -%}
    {{ return(dot_first_row(query)[0] | int) }}
{% endmacro %}


{#- Both sides beside each other, row by row, with the key and the columns that may differ. A key that holds nulls is
    joined by text and nullness, since no null equals another. -#}
{% macro dot_join(comparison, key, pairs, has_null_key) %}
    {%- set query -%}
        {%- for side in ['base', 'head'] %}
        {{ '(' if loop.first else 'full outer join (' }}
            select 1 as dot_present
                {%- for pair in key %}, {{ pair.value }} as dot_key_{{ loop.index }}
                {%- if has_null_key %}, coalesce({{ dot_text(pair.value) }}, '') as dot_join_{{ loop.index }},
                case when {{ pair.value }} is null then 1 else 0 end as dot_null_{{ loop.index }}
                {%- endif %}
                {%- endfor %}
                {%- for pair in pairs %}, {{ pair.value }} as dot_value_{{ loop.index }}
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
            {%- set tolerance = comparison.tolerance.get(pair.name) if pair.is_number else none -%}
            {%- set is_near = 'coalesce(abs(' ~ base ~ ' - ' ~ head ~ ') <= ' ~ tolerance ~ ', 1 = 0)' if tolerance is not none else '1 = 0' -%}
            {%- do changes.append('(' ~ differs ~ ' and not ' ~ is_near ~ ')') -%},
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
        select dot_base.dot_present, dot_head.dot_present
            {%- for pair in join.key %}, coalesce({{ dot_text('dot_base.dot_key_' ~ loop.index) }}, {{ dot_text('dot_head.dot_key_' ~ loop.index) }}) as dot_shown_{{ loop.index }}
            {%- endfor %}
            {%- for side in ['base', 'head'] %}
            {%- for pair in join.pairs %}, {{ dot_text('dot_' ~ side ~ '.dot_value_' ~ loop.index) }} as dot_{{ side }}_{{ loop.index }}
            {%- endfor %}
            {%- endfor %}
        from {{ join.sql }}
        where {{ condition }}
        order by {% for pair in join.key %}dot_shown_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        limit {{ rows | int }}
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
                {%- for pair in pairs %}, {{ pair.value }} as dot_value_{{ loop.index }}{% endfor %}
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
            limit {{ rows | int }}
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
