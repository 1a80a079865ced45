select
    cast(rented_on as varchar) || ' ' || pier as day_at_pier,
    rented_on,
    pier,
    count(*) as rentals,
    sum(revenue) as revenue,
    currency
from {{ ref('fct_rentals') }}
group by rented_on, pier, currency
