with rentals as (

    select * from {{ ref('stg_rentals') }}

),

craft as (

    select * from {{ ref('stg_craft') }}

),

paid as (

    select
        rental_id,
        sum(case when kind = 'charge' then amount else 0 end) as charged,
        sum(case when kind = 'refund' then amount else 0 end) as refunded
    from {{ ref('stg_payments') }}
    group by rental_id

)

select
    rentals.rental_id,
    rentals.customer_id,
    rentals.craft_id,
    craft.craft_kind,
    craft.pier,
    rentals.rented_on,
    rentals.status,
    cast(extract(epoch from rentals.due_at - rentals.starts_at) / 3600 as decimal(6, 2)) as hours_booked,
    coalesce(paid.charged, 0) as charged,
    coalesce(paid.refunded, 0) as refunded,
    coalesce(paid.charged - paid.refunded, 0) as revenue,
    '{{ var("currency") }}' as currency
from rentals
inner join craft on rentals.craft_id = craft.craft_id
left join paid on rentals.rental_id = paid.rental_id
