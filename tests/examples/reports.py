"""Comparisons of two builds for tests: one like the demo's, odd ones, large ones, and whatever Hypothesis thinks of."""

from difflib import unified_diff
from typing import get_args

from hypothesis import strategies as st

from dot.base.frozen import FrozenMapping
from dot.diff.report import (
    CodeChange,
    CodeKind,
    Column,
    ColumnChange,
    DataDiff,
    DataStatus,
    DiffReport,
    NodeDiff,
    Sample,
    SchemaDiff,
    Side,
    ValueDiff,
)

BASE = Side(
    address="dev@main",
    environment="dev",
    commit="af8132b774c2f3a4c0e7a36f8a1e1c8fa0b7d9e3",
    short_hash="af8132b",
    subject="Load September and leave staff out of the rental marts",
)
HEAD = Side(
    address="dev@feature/net-revenue",
    environment="dev",
    commit="067100301ba4f0c8c5c0f1dd6ce5b7a4d9b2e611",
    short_hash="0671003",
    subject="Count each refund once and report net revenue",
)
LIVE = Side(address="dev", environment="dev", commit=None, short_hash=None, subject=None)


def make_report(*nodes: NodeDiff, unchanged: int = 0, not_compared: tuple[str, ...] = ()) -> DiffReport:
    """A comparison of the demo's two builds with these nodes."""
    kinds = FrozenMapping({"model": unchanged} if unchanged else {})
    given = {"unchanged": unchanged, "unchanged_kinds": kinds, "not_compared": not_compared}
    return DiffReport(base=BASE, head=HEAD, nodes=nodes, seconds=4.1, **given)


def make_node(name: str, code: CodeKind = "changed", **fields: object) -> NodeDiff:
    """A model of the project `tideline`, of which more may be said."""
    folder = "staging" if name.startswith("stg_") else "marts"
    known = {
        "unique_id": f"model.tideline.{name}",
        "name": name,
        "resource_type": "model",
        "materialized": "view" if folder == "staging" else "table",
        "file": f"models/{folder}/{name}.sql",
        "code": code,
    }
    return NodeDiff.model_validate(known | fields)


def make_change(before: str, after: str, summary: str, part: str = "sql") -> CodeChange:
    """A change of one part of a node, as a unified diff."""
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), "base", "head")
    return CodeChange.model_validate({"part": part, "summary": summary, "diff": "".join(lines)})


def make_columns(*names: str, type: str = "decimal(18,2)") -> tuple[Column, ...]:  # noqa: A002
    return tuple(Column(name=name, type=type) for name in names)


def ids(*names: str) -> tuple[str, ...]:
    return tuple(f"model.tideline.{name}" for name in names)


def make_row(**values: object) -> FrozenMapping:
    return FrozenMapping(values)


# -- one like the demo's -------------------------------------------------------------------------------------------

_PAYMENTS = """\
{% set per_eur = var('usd_per_eur') if var('currency') == 'USD' else 1 %}

with payments as (

    select * from {{ ref('payments') }}

),

rentals as (

    select rental_id from {{ ref('stg_rentals') }}

)

select
    payments.payment_id,
    payments.rental_id,
    payments.reason,
    cast(payments.amount_eur * {{ per_eur }} as decimal(10, 2)) as amount
from payments
inner join rentals on payments.rental_id = rentals.rental_id
"""
_ATTEMPT = """\
    select
        *,
        row_number() over (partition by reference order by payment_id) as attempt
    from {{ ref('payments') }}
"""
_RENTALS = """\
        when rentals.returned_at is not null then 0
    end as minutes_late,
    coalesce(paid.charged, 0) as charged,
    coalesce(paid.refunded, 0) as refunded,
    coalesce(paid.charged - paid.refunded, 0) as revenue,
    '{{ var("currency") }}' as currency
from rentals
"""
_NET_RENTALS = """\
        when rentals.returned_at is not null then 0
    end as minutes_late,
    coalesce(paid.refunded, 0) as refunded,
    coalesce(paid.charged, 0) as revenue,
    coalesce(paid.charged - paid.refunded, 0) as net_revenue,
    '{{ var("currency") }}' as currency
from rentals
"""
_DAILY = """\
    sum(revenue) as revenue,
    currency
from {{ ref('fct_rentals') }}
group by rented_on, pier, currency
"""
_NET_DAILY = """\
    sum(revenue) as revenue,
    sum(refunded) as refunded,
    sum(net_revenue) as net_revenue,
    currency
from {{ ref('fct_rentals') }}
where status <> 'cancelled'
group by rented_on, pier, currency
"""


def demo_report() -> DiffReport:
    """What `dot diff dev@main dev@feature/net-revenue` could find in the demo, and one of everything else."""
    return make_report(*_staging(), *_facts(), *_marts(), *_rest(), unchanged=31, not_compared=("pier_calendar",))


def _staging() -> tuple[NodeDiff, ...]:
    after = _PAYMENTS.replace("    select * from {{ ref('payments') }}\n", _ATTEMPT)
    after += "-- A till that was offline sends a refund once more the next day.\nwhere payments.attempt = 1\n"
    payments = make_node(
        "stg_payments",
        relation_base="warehouse.analytics_af8132b.stg_payments",
        relation_head="warehouse.analytics_0671003.stg_payments",
        changes=(make_change(_PAYMENTS, after, "6 lines added, 1 removed"),),
        columns=SchemaDiff(),
        data=DataDiff(
            status="different",
            rows_base=55,
            rows_head=49,
            key=("payment_id",),
            key_source="a test of uniqueness",
            added=0,
            removed=6,
            changed=0,
            samples=tuple(
                Sample(key=make_row(payment_id=number), base=make_row(amount="84.00", reason=reason), head=None)
                for number, reason in ((50019, "cancelled"), (50031, "weather"), (50044, None))
            ),
        ),
    )
    customers = make_node(
        "stg_customers",
        code="same",
        columns=SchemaDiff(),
        data=DataDiff(status="equal", rows_base=22, rows_head=22, key=("customer_id",), key_source="a test"),
    )
    return payments, customers


def _facts() -> tuple[NodeDiff, ...]:
    rentals = make_node(
        "fct_rentals",
        parents=ids("stg_payments", "stg_customers"),
        relation_base="warehouse.analytics_af8132b.fct_rentals",
        relation_head="warehouse.analytics_0671003.fct_rentals",
        changes=(
            make_change(_RENTALS, _NET_RENTALS, "2 lines added, 2 removed"),
            make_change(
                "columns:\n  - name: revenue\n    description: Charges less refunds.\n",
                "columns:\n  - name: revenue\n    description: What the customer paid.\n  - name: net_revenue\n",
                "1 column described",
                "columns",
            ),
        ),
        columns=SchemaDiff(
            added=make_columns("net_revenue"),
            removed=make_columns("charged"),
            retyped=(
                ColumnChange(
                    name="hours_booked",
                    base=Column(name="hours_booked", type="double"),
                    head=Column(name="hours_booked", type="decimal(6,2)"),
                ),
            ),
            nullability=(
                ColumnChange(
                    name="revenue",
                    base=Column(name="revenue", type="decimal(38,2)", is_nullable=True),
                    head=Column(name="revenue", type="decimal(38,2)", is_nullable=False),
                ),
            ),
            is_reordered=True,
        ),
        data=DataDiff(
            status="different",
            rows_base=38,
            rows_head=38,
            key=("rental_id",),
            key_source="a test of uniqueness",
            added=0,
            removed=0,
            changed=11,
            columns=(
                ValueDiff(name="revenue", changed=11, nulls=2),
                ValueDiff(name="refunded", changed=6),
                ValueDiff(name="hours_booked", changed=1, tolerated=37),
            ),
            samples=(
                Sample(
                    key=make_row(rental_id=2012),
                    base=make_row(refunded=168.0, revenue=-84.0),
                    head=make_row(refunded=84.0, revenue=84.0),
                ),
                Sample(key=make_row(rental_id=2004), base=make_row(revenue=0.0), head=make_row(revenue=44.0)),
                Sample(key=make_row(rental_id=2031), base=make_row(revenue=None), head=make_row(revenue=0.0)),
            ),
        ),
    )
    refunds = make_node(
        "fct_refunds",
        code="added",
        parents=ids("stg_payments", "fct_rentals"),
        relation_head="warehouse.analytics_0671003.fct_refunds",
        columns=SchemaDiff(
            added=(
                Column(name="refund_id", type="integer", is_nullable=False),
                *make_columns("rental_id", "customer_id", "days_after", type="integer"),
                *make_columns("pier", "reason", "currency", type="varchar"),
                *make_columns("amount", "share_refunded"),
                Column(name="refunded_on", type="date"),
            )
        ),
        data=DataDiff(status="missing", rows_head=11),
    )
    return rentals, refunds


def _marts() -> tuple[NodeDiff, ...]:
    customers = make_node(
        "dim_customers",
        parents=ids("stg_customers", "fct_rentals"),
        changes=(
            make_change(
                "        count(*) as rentals,\n        sum(revenue) as lifetime_revenue\n    from rentals\n",
                "        count(*) as rentals,\n        sum(net_revenue) as lifetime_revenue\n    from rentals\n",
                "1 line changed",
            ),
        ),
        columns=SchemaDiff(),
        data=DataDiff(
            status="different",
            rows_base=20,
            rows_head=20,
            key=("customer_id",),
            key_source="`unique_key`",
            added=0,
            removed=0,
            changed=4,
            columns=(ValueDiff(name="lifetime_revenue", changed=4),),
        ),
    )
    daily = make_node(
        "daily_revenue",
        parents=ids("fct_rentals"),
        changes=(make_change(_DAILY, _NET_DAILY, "3 lines added"),),
        columns=SchemaDiff(added=make_columns("refunded", "net_revenue")),
        data=DataDiff(
            status="different",
            rows_base=36,
            rows_head=30,
            key=("day_at_pier",),
            key_source="a test of uniqueness",
            duplicates=(2, 0),
            added=0,
            removed=6,
            changed=9,
            columns=(ValueDiff(name="revenue", changed=9), ValueDiff(name="rentals", changed=3)),
        ),
    )
    usage = make_node(
        "craft_usage",
        code="same",
        columns=SchemaDiff(),
        data=DataDiff(
            status="different",
            rows_base=22,
            rows_head=22,
            key=("craft_id",),
            added=0,
            removed=0,
            changed=22,
            columns=(ValueDiff(name="last_seen_at", changed=22),),
        ),
        unexplained="its SQL uses current_timestamp",
    )
    return customers, daily, usage


def _rest() -> tuple[NodeDiff, ...]:
    equal = DataDiff(status="equal", rows_base=12, rows_head=12)
    unknown = DataDiff(status="not_compared", message="the budget of 60 s was used up")
    refused = DataDiff(status="failed", message='relation "weather" does not exist')
    test = {"resource_type": "test", "materialized": "test", "file": "tests/assert_refunds_stay_within_revenue.sql"}
    return (
        make_node("pier_calendar", code="parent", parents=ids("daily_revenue"), columns=SchemaDiff(), data=unknown),
        make_node("pier_ranking", code="parent", parents=ids("daily_revenue"), columns=SchemaDiff(), data=equal),
        make_node("weather_and_rentals", code="parent", parents=ids("fct_rentals"), data=refused),
        make_node("refund_reasons", code="renamed", renamed_from="reasons", parents=ids("fct_refunds"), data=equal),
        make_node(
            "weekly_charges",
            code="removed",
            parents=ids("fct_rentals"),
            columns=SchemaDiff(removed=make_columns("week", "pier", "charged")),
            data=DataDiff(status="missing", rows_base=9),
        ),
        make_node("assert_refunds_stay_within_revenue", code="added", parents=ids("fct_rentals"), **test),
    )


# -- odd ones ------------------------------------------------------------------------------------------------------

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<!--<script>",
    "<img src=x onerror='window.hacked = 1'>",
    "a|b`c``d\\|e ~~f~~ @everyone #1 *g* _h_ [i](javascript:alert(1)) http://example.com",
    "```\n</details>\n# heading\n| x |\n",
    "\u2028\u2029\x00\x1b[31m\r\ud800 &lt; &amp; $data ${data}",
    "__proto__",
)
"""Texts that mean something to HTML, JavaScript or Markdown."""


def hostile_report() -> DiffReport:
    """A comparison in which every text is one that somebody wrote to do harm."""
    side = Side(
        address=HOSTILE[3], environment=HOSTILE[0], commit=HOSTILE[0], short_hash=HOSTILE[0], subject=HOSTILE[2]
    )
    nodes = tuple(_make_hostile(text, number) for number, text in enumerate(HOSTILE))
    return make_report(*nodes, not_compared=HOSTILE).model_copy(update={"base": side, "head": side})


def _make_hostile(text: str, number: int) -> NodeDiff:
    column = Column(name=text, type=text)
    change = ColumnChange(name=text, base=column, head=column)
    return make_node(
        text,
        unique_id=text,
        file=text,
        resource_type=text,
        materialized=text,
        renamed_from=text,
        relation_base=text,
        relation_head=text,
        parents=HOSTILE[:number],
        unexplained=text,
        changes=(CodeChange(part="sql", summary=text, diff=f"@@ -1 +1 @@\n-{text}\n+{text}{text}"),),
        columns=SchemaDiff(added=(column,), removed=(column,), retyped=(change,), nullability=(change,)),
        data=DataDiff(
            status="different",
            message=text,
            rows_base=3,
            rows_head=3,
            key=(text,),
            key_source=text,
            removed=0,
            columns=(ValueDiff(name=text, changed=1),),
            samples=(Sample(key=make_row(), base=make_row(**{"x" + text.replace("\ud800", ""): "y"}), head=None),),
        ),
    )


def wordy_report() -> DiffReport:
    """Long names, and letters from all over the world."""
    long = "int_customers_joined_to_everything_that_they_have_ever_bought_or_returned_by_region_and_quarter_v2"
    names = (long, long.replace("_v2", "_v3"), "收入_按地区汇总", "καθαρά_έσοδα", "👩‍👩‍👧‍👦_famílias", "x" * 400)
    data = DataDiff(
        status="different",
        rows_base=1_234_567_890,
        rows_head=1_234_567_891,
        added=1,
        removed=0,
        columns=tuple(ValueDiff(name=f"{long}_{number}", changed=10**number) for number in range(8)),
    )
    schema = SchemaDiff(added=make_columns(*names), removed=make_columns(long))
    nodes = (
        make_node(name, parents=ids(*names[:number]), columns=schema, data=data) for number, name in enumerate(names)
    )
    return make_report(*nodes, unchanged=12_345)


def synthetic_report(count: int) -> DiffReport:
    """A graph of this many nodes, the same every time, of the shape that projects have: layers, hubs, and loners."""
    kinds: tuple[CodeKind, ...] = ("changed", "parent", "parent", "parent", "parent", "added", "removed", "same")
    nodes = []
    for number in range(count):
        chance = (number * 2_654_435_761) % 4_294_967_296 / 4_294_967_296
        steps = [count // 25 + int(count / 20 * chance), count // 18, *([count // 2] if number % 20 == 0 else [])]
        parents = {number - step for step in steps} if number % 9 else set()
        data = DataDiff(
            status="different" if number % 3 else "equal",
            rows_base=number * 97,
            rows_head=number * 97 + number % 5,
            added=number % 5,
            removed=0,
            columns=(ValueDiff(name=f"amount_{number}", changed=number * 7),) if number % 3 else (),
        )
        name = f"{('stg', 'int', 'fct', 'rpt')[min(3, number * 5 // count)]}_model_{number:04}"
        found = ids(*(nodes[parent].name for parent in sorted(parents) if parent >= 0))
        nodes.append(make_node(name, code=kinds[number % 8], parents=found, columns=SchemaDiff(), data=data))
    return make_report(*nodes, unchanged=count)


# -- whatever Hypothesis thinks of ---------------------------------------------------------------------------------

TEXTS = st.text(max_size=12) | st.sampled_from(HOSTILE) | st.sampled_from(["`", "|", "\\", "@a", "a\nb", "~~~", " "])
COUNTS = st.integers(0, 10**12)
_MAYBE_COUNTS = st.none() | COUNTS
_COLUMNS = st.builds(Column, name=TEXTS, type=TEXTS, is_nullable=st.none() | st.booleans())
_COLUMN_CHANGES = st.builds(ColumnChange, name=TEXTS, base=_COLUMNS, head=_COLUMNS)
_ROWS = st.dictionaries(
    st.text(max_size=4),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    max_size=3,
).map(FrozenMapping)


def _tuples(of: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(of, max_size=3).map(tuple)


SCHEMAS = st.builds(
    SchemaDiff,
    added=_tuples(_COLUMNS),
    removed=_tuples(_COLUMNS),
    retyped=_tuples(_COLUMN_CHANGES),
    nullability=_tuples(_COLUMN_CHANGES),
    is_reordered=st.booleans(),
)
DATA = st.builds(
    DataDiff,
    status=st.sampled_from(get_args(DataStatus)),
    message=st.none() | TEXTS,
    rows_base=_MAYBE_COUNTS,
    rows_head=_MAYBE_COUNTS,
    key=_tuples(TEXTS),
    key_source=st.none() | TEXTS,
    duplicates=st.tuples(COUNTS, COUNTS),
    added=_MAYBE_COUNTS,
    removed=_MAYBE_COUNTS,
    changed=_MAYBE_COUNTS,
    columns=_tuples(st.builds(ValueDiff, name=TEXTS, changed=COUNTS, nulls=COUNTS, tolerated=COUNTS)),
    samples=_tuples(st.builds(Sample, key=_ROWS, base=st.none() | _ROWS, head=st.none() | _ROWS)),
)
NODES = st.builds(
    NodeDiff,
    unique_id=TEXTS,
    name=TEXTS,
    resource_type=TEXTS,
    materialized=st.none() | TEXTS,
    file=TEXTS,
    code=st.sampled_from(get_args(CodeKind)),
    changes=_tuples(
        st.builds(
            CodeChange, part=st.just("sql"), summary=TEXTS, diff=TEXTS | st.integers(1, 90_000).map("`+\n".__mul__)
        )
    ),
    renamed_from=st.none() | TEXTS,
    parents=_tuples(TEXTS),
    columns=st.none() | SCHEMAS,
    data=st.none() | DATA,
    unexplained=st.none() | TEXTS,
)
SIDES = st.builds(
    Side,
    address=TEXTS,
    environment=TEXTS,
    commit=st.none() | TEXTS,
    short_hash=st.none() | TEXTS,
    subject=st.none() | TEXTS,
)
REPORTS = st.builds(
    DiffReport,
    base=SIDES,
    head=SIDES,
    nodes=_tuples(NODES),
    unchanged=st.integers(0, 10**6),
    not_compared=_tuples(TEXTS),
    seconds=st.floats(0, 10**5),
)
