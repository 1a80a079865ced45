{#- Compare pairs of relations, reading only. One line of JSON is printed when a comparison begins, with the columns, and one
    with what it came to. A comparison is a mapping: id; base and head, each with database, schema, identifier and relation, the
    name as the warehouse writes it; candidates, lists of columns that may tell rows apart, the best first; tolerance, a
    number in SQL by column; where.
    After `budget` seconds no comparison begins. `rows` is how many rows that differ are shown. -#}
{% macro dot_diff(comparisons, budget=none, rows=0) %}
    {%- set started = modules.datetime.datetime.now() -%}
    {%- do dot_prepare() -%}
    {%- set columns = dot_columns(comparisons) -%}
    {%- for comparison in comparisons -%}
        {%- set seconds = (modules.datetime.datetime.now() - started).total_seconds() -%}
        {%- set known = dot_sides(comparison, columns) -%}
        {%- if budget is not none and seconds >= budget -%}
            {%- do dot_tell(dict(known, status='not_compared' if known.base_columns and known.head_columns else 'missing')) -%}
        {%- else -%}
            {%- do dot_tell(dict(known, status='started')) -%}
            {%- do dot_tell(dict(known, **dot_compare(comparison, known, rows))) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro dot_tell(result) %}
    {%- do print('dot:' ~ tojson(result)) -%}
{% endmacro %}


{#- What is known of a comparison before any row is read: the columns of both sides. -#}
{% macro dot_sides(comparison, columns) %}
    {%- set head = columns.get(dot_key_of(comparison.head), []) -%}
    {%- set base = dot_respell(columns.get(dot_key_of(comparison.base), []), head) -%}
    {{ return({'id': comparison.id, 'base_columns': base, 'head_columns': head}) }}
{% endmacro %}


{#- What the rows come to. -#}
{% macro dot_compare(comparison, known, rows) %}
    {%- if known.base_columns and known.head_columns -%}
        {{ return(dot_compare_rows(comparison, dot_pairs(*dot_examine(comparison, known)), rows)) }}
    {%- endif -%}
    {%- set result = {'status': 'missing'} -%}
    {%- for side in ['base', 'head'] if known[side ~ '_columns'] -%}
        {%- do result.update({'rows_' ~ side: dot_count(comparison[side].relation, comparison.where)}) -%}
    {%- endfor -%}
    {{ return(result) }}
{% endmacro %}


{#- The columns that both sides have: under `base` and `head` the SQL of each that can be compared with the other, and of
    which checksums are made; and `is_loose`, whether checksums may differ where no value does. -#}
{% macro dot_pairs(base, head) %}
    {%- set columns = {} -%}
    {%- for column in base -%}{%- do columns.update({column.name: column}) -%}{%- endfor -%}
    {%- set pairs = [] -%}
    {%- for column in head if column.name in columns -%}
        {%- set other = columns[column.name] -%}
        {%- set is_same = column.type == other.type -%}
        {%- set left = dot_same(other) if is_same else dot_retyped(other, column) -%}
        {%- set right = dot_same(column) if is_same else dot_retyped(column, other) -%}
        {%- do pairs.append({
            'name': column.name,
            'base': left.value,
            'head': right.value,
            'base_hashed': left.hashed,
            'head_hashed': right.hashed,
            'is_same': is_same,
            'is_number': dot_is_number(column.type) and dot_is_number(other.type),
            'is_text': right.is_text,
            'is_exact': left.is_exact and right.is_exact,
            'is_lossy': left.is_lossy,
        }) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{% endmacro %}


{#- The cheapest question first, and no more than is needed: counts and checksums, then the columns that differ. What is
    equal only as far as this can tell is not proved. -#}
{% macro dot_compare_rows(comparison, pairs, rows) %}
    {%- set keys = dot_keys(comparison.candidates, pairs | rejectattr('is_lossy') | list) -%}
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
    {%- set doubt = dot_doubt(result, pairs, [base, head]) if result.status == 'equal' else none -%}
    {%- if doubt -%}
        {%- do result.update({'status': 'not_proven', 'message': doubt}) -%}
    {%- endif -%}
    {{ return(result) }}
{% endmacro %}


{#- Why rows may differ although no difference was found; nothing if they may not. -#}
{% macro dot_doubt(result, pairs, scans) %}
    {%- set lossy = pairs | selectattr('is_lossy') | map(attribute='name') | list -%}
    {%- set is_exact = pairs | rejectattr('is_exact') | list | length == 0 and pairs | rejectattr('is_same') | list | length == 0 -%}
    {%- set is_tolerated = result.columns | length > 0 if result.columns else false -%}
    {%- if not pairs and (result.rows_base or result.rows_head) -%}
        {{ return('base and head have no column in common') }}
    {%- elif lossy -%}
        {{ return(lossy | join(', ') ~ ': no value differs as far as types tell that do not hold the same numbers') }}
    {%- elif scans[0].rows != scans[1].rows or is_exact and not is_tolerated and scans[0].whole != scans[1].whole -%}
        {{ return('checksums differ, and yet no row does: it may have changed meanwhile, or values are equal to the warehouse that are not the same') }}
    {%- endif -%}
    {{ return(none) }}
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
    {%- set keys = key | map(attribute=side ~ '_hashed') | list -%}
    {%- set values = pairs | map(attribute=side ~ '_hashed') | list -%}
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
            {%- set join = {'comparison': comparison, 'key': key, 'has_null_key': base.nulls + head.nulls > 0} -%}
            {{ return(dict(dot_compare_by_key(join, others, rows), key=names, **rejected)) }}
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


{#- Both sides beside each other, row by row, with the key and columns. A key that holds nulls is joined with something in
    their place, and by nullness, since no null equals another. `join` has the comparison, the key and whether it does. -#}
{% macro dot_join(join, pairs) %}
    {%- for side in ['base', 'head'] %}
    {{ '(' if loop.first else 'full outer join (' }}
        select 1 as dot_present
            {%- for pair in join.key %}, {{ pair[side] }} as dot_key_{{ loop.index }}
            {%- if join.has_null_key %}, coalesce({{ pair[side] ~ ', 0' if pair.is_number and not pair.is_text else dot_text(pair[side]) ~ ", ''" }}) as dot_join_{{ loop.index }},
            case when {{ pair[side] }} is null then 1 else 0 end as dot_null_{{ loop.index }}
            {%- endif %}
            {%- endfor %}
            {%- for pair in pairs %}, {{ pair[side] }} as dot_value_{{ loop.index }}
            {%- if dot_tolerance(join, pair) is not none %}, {{ dot_quote(pair.name) }} as dot_number_{{ loop.index }}{% endif %}
            {%- endfor %}
        from {{ join.comparison[side].relation }}
        {{ dot_where(join.comparison.where) }}
    ) as dot_{{ side }}
    {%- endfor %}
    on {% for pair in join.key -%}
        {%- set number = loop.index -%}
        {%- for name in (['join', 'null'] if join.has_null_key else ['key']) -%}
            dot_base.dot_{{ name }}_{{ number }} = dot_head.dot_{{ name }}_{{ number }}
            {{- ' and ' if not loop.last }}
        {%- endfor -%}
        {{- ' and ' if not loop.last }}
    {%- endfor %}
{% endmacro %}


{% macro dot_tolerance(join, pair) %}
    {{ return(join.comparison.tolerance.get(pair.name | lower) if pair.is_number else none) }}
{% endmacro %}


{#- Of each column in what it differs: at all, by no more than the tolerance, and so much that it counts. -#}
{% macro dot_changes(join, pairs) %}
    {%- set changes = [] -%}
    {%- for pair in pairs -%}
        {%- set differs = dot_differs('dot_base.dot_value_' ~ loop.index, 'dot_head.dot_value_' ~ loop.index) -%}
        {%- set tolerance = dot_tolerance(join, pair) -%}
        {%- set numbers = ['dot_base.dot_number_' ~ loop.index, 'dot_head.dot_number_' ~ loop.index] -%}
        {%- set is_near = dot_is_near(numbers[0], numbers[1], tolerance) if tolerance is not none else '1 = 0' -%}
        {%- do changes.append({'differs': differs, 'near': is_near, 'counts': '(' ~ differs ~ ' and not (' ~ is_near ~ '))'}) -%}
    {%- endfor -%}
    {{ return(changes) }}
{% endmacro %}


{#- Rows by their key: added, removed, changed, and of each column how many values. In portions, since a warehouse may not
    answer with thousands of numbers; then which rows changed is asked of the columns that did. -#}
{% macro dot_compare_by_key(join, pairs, rows) %}
    {%- set columns, changed = [], [] -%}
    {%- set portions = pairs | batch(500) | list or [[]] -%}
    {%- set counts = [] -%}
    {%- for portion in portions -%}
        {%- set row = dot_first_row(dot_count_changes(join, portion)) -%}
        {%- do counts.append(row) -%}
        {%- for pair in portion -%}
            {%- set at = 2 + 3 * loop.index0 -%}
            {%- set count = {'changed': (row[at] or 0) | int, 'nulls': (row[at + 1] or 0) | int, 'tolerated': (row[at + 2] or 0) | int} -%}
            {%- if count.changed or count.tolerated -%}
                {%- do columns.append(dict(count, name=pair.name)) -%}
            {%- endif -%}
            {%- if count.changed -%}{%- do changed.append(pair) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set last = dot_first_row(dot_count_changed(join, changed)) if portions | length > 1 and changed else counts[0] -%}
    {%- set added, removed, rows_changed = (counts[0][0] or 0) | int, (counts[0][1] or 0) | int, (last[-1] or 0) | int -%}
    {%- set differs = added or removed or rows_changed -%}
    {{ return({
        'status': 'different' if differs else 'equal',
        'added': added,
        'removed': removed,
        'changed': rows_changed,
        'columns': columns,
        'samples': dot_sample_by_key(join, (pairs if portions | length == 1 else changed)[:500], rows) if rows and differs else none,
    }) }}
{% endmacro %}


{% macro dot_count_changes(join, pairs) %}
    {%- set both = 'dot_base.dot_present = 1 and dot_head.dot_present = 1' -%}
    {%- set changes = dot_changes(join, pairs) -%}
    select sum(case when dot_base.dot_present is null then 1 else 0 end) as dot_added,
        sum(case when dot_head.dot_present is null then 1 else 0 end) as dot_removed
        {%- for change in changes %}
        {%- set base = 'dot_base.dot_value_' ~ loop.index -%}
        {%- set head = 'dot_head.dot_value_' ~ loop.index -%},
        sum(case when {{ both }} and {{ change.counts }} then 1 else 0 end) as dot_changed_{{ loop.index }},
        sum(case when {{ both }} and ({{ base }} is null and {{ head }} is not null
            or {{ base }} is not null and {{ head }} is null) then 1 else 0 end) as dot_nulls_{{ loop.index }},
        sum(case when {{ both }} and {{ change.differs }} and {{ change.near }} then 1 else 0 end) as dot_near_{{ loop.index }}
        {%- endfor %},
        sum(case when {{ both }} and ({{ changes | map(attribute='counts') | join(' or ') or '1 = 0' }}) then 1 else 0 end) as dot_changed
    from {{ dot_join(join, pairs) }}
{% endmacro %}


{% macro dot_count_changed(join, pairs) %}
    select sum(case when dot_base.dot_present = 1 and dot_head.dot_present = 1
        and ({{ dot_changes(join, pairs) | map(attribute='counts') | join(' or ') }}) then 1 else 0 end) as dot_changed
    from {{ dot_join(join, pairs) }}
{% endmacro %}


{#- Some rows that differ: the key, then the values of either side, all as text. -#}
{% macro dot_sample_by_key(join, pairs, rows) %}
    {%- set changes = dot_changes(join, pairs) | map(attribute='counts') | join(' or ') or '1 = 0' -%}
    {%- set query -%}
        select dot_base.dot_present as dot_in_base, dot_head.dot_present as dot_in_head
            {%- for pair in join.key %}, coalesce({{ dot_shown(pair, 'dot_base.dot_key_' ~ loop.index) }}, {{ dot_shown(pair, 'dot_head.dot_key_' ~ loop.index) }}) as dot_shown_{{ loop.index }}
            {%- endfor %}
            {%- for side in ['base', 'head'] %}
            {%- for pair in pairs %}, {{ dot_shown(pair, 'dot_' ~ side ~ '.dot_value_' ~ loop.index) }} as dot_{{ side }}_{{ loop.index }}
            {%- endfor %}
            {%- endfor %}
        from {{ dot_join(join, pairs) }}
        where dot_base.dot_present is null or dot_head.dot_present is null or {{ changes }}
        order by {% for pair in join.key %}dot_shown_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
        {{ dot_limit(rows) }}
    {%- endset -%}
    {%- set samples = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- set at = 2 + join.key | length -%}
        {%- set sample = {'key': row.values()[2:at], 'base': none, 'head': none} -%}
        {%- if row[0] -%}{%- do sample.update({'base': row.values()[at:at + pairs | length]}) -%}{%- endif -%}
        {%- if row[1] -%}{%- do sample.update({'head': row.values()[at + pairs | length:]}) -%}{%- endif -%}
        {%- do samples.append(sample) -%}
    {%- endfor -%}
    {{ return({'key': join.key | map(attribute='name') | list, 'columns': pairs | map(attribute='name') | list, 'rows': samples}) }}
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
                {%- for pair in pairs %}, {{ dot_shown(pair, 'dot_value_' ~ loop.index) }} as dot_shown_{{ loop.index }}{% endfor %}
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
