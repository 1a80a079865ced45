with rentals as (

    select * from {{ ref('rentals') }}

),

customers as (

    select customer_id from {{ ref('stg_customers') }}

)

select
    rentals.rental_id,
    rentals.customer_id,
    rentals.craft_id,
    cast(rentals.starts_at as date) as rented_on,
    rentals.starts_at,
    rentals.due_at,
    rentals.returned_at,
    rentals.status
from rentals
inner join customers on rentals.customer_id = customers.customer_id
where rentals.starts_at >= cast('{{ var("season_start") }}' as date)
