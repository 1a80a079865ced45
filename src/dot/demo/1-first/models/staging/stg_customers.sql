-- Sampling starts here, so that a customer's rentals and payments stay together. Numbers are handed out in order of
-- joining; multiplying spreads the sample over old and new customers.
select
    customer_id,
    full_name,
    home_town,
    joined_on,
    is_staff
from {{ ref('customers') }}
where (customer_id * 37) % 100 < {{ var('sample_rate') }}
