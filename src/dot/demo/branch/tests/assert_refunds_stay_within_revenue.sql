select
    rental_id,
    revenue,
    refunded
from {{ ref('fct_rentals') }}
where refunded > revenue
