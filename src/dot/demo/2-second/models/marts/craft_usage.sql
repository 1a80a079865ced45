with craft as (

    select * from {{ ref('stg_craft') }}

),

outings as (

    select
        craft_id,
        count(*) as outings,
        max(rented_on) as last_out_on,
        sum(cast(extract(epoch from returned_at - starts_at) / 3600 as decimal(6, 2))) as hours_out
    from {{ ref('stg_rentals') }}
    where status = 'returned'
    group by craft_id

)

select
    craft.craft_id,
    craft.craft_name,
    craft.craft_kind,
    craft.pier,
    coalesce(outings.outings, 0) as outings,
    coalesce(outings.hours_out, 0) as hours_out,
    outings.last_out_on
from craft
left join outings on craft.craft_id = outings.craft_id
