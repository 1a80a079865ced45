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
    payments.paid_on,
    payments.kind,
    payments.method,
    payments.reference,
    payments.reason,
    cast(payments.amount_eur * {{ per_eur }} as decimal(10, 2)) as amount
from payments
inner join rentals on payments.rental_id = rentals.rental_id
