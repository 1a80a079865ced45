select
    craft_id,
    craft_name,
    kind as craft_kind,
    pier,
    hourly_rate_eur,
    bought_on
from {{ ref('craft') }}
