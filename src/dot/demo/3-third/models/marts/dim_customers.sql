with customers as (

    select * from {{ ref('stg_customers') }}
    where not is_staff

),

rented as (

    select
        customer_id,
        min(rented_on) as first_rented_on,
        max(rented_on) as last_rented_on,
        count(*) as rentals,
        sum(revenue) as lifetime_revenue
    from {{ ref('fct_rentals') }}
    group by customer_id

)

select
    customers.customer_id,
    customers.full_name,
    customers.home_town,
    customers.joined_on,
    rented.first_rented_on,
    rented.last_rented_on,
    coalesce(rented.rentals, 0) as rentals,
    coalesce(rented.lifetime_revenue, 0) as lifetime_revenue
from customers
left join rented on customers.customer_id = rented.customer_id
