with refunds as (

    select * from {{ ref('stg_payments') }}
    where kind = 'refund'

),

rentals as (

    select * from {{ ref('fct_rentals') }}

)

select
    refunds.payment_id as refund_id,
    refunds.rental_id,
    rentals.customer_id,
    rentals.pier,
    refunds.paid_on as refunded_on,
    refunds.paid_on - rentals.rented_on as days_after,
    refunds.reason,
    refunds.amount,
    cast(refunds.amount / nullif(rentals.revenue, 0) as decimal(4, 2)) as share_refunded,
    rentals.currency
from refunds
inner join rentals on refunds.rental_id = rentals.rental_id
