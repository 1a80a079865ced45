select
    cast(rented_on as varchar) || ' ' || pier as day_at_pier,
    rented_on,
    pier,
    count(*) as rentals,
    sum(revenue) as revenue,
    sum(refunded) as refunded,
    sum(net_revenue) as net_revenue,
    currency
from {{ ref('fct_rentals') }}
where status <> 'cancelled'
group by rented_on, pier, currency
