select
    earlier.craft_id,
    earlier.rental_id as earlier_rental_id,
    later.rental_id as later_rental_id
from {{ ref('stg_rentals') }} as earlier
inner join {{ ref('stg_rentals') }} as later
    on earlier.craft_id = later.craft_id
    and earlier.rental_id < later.rental_id
where earlier.status = 'returned'
    and later.status = 'returned'
    and earlier.starts_at < later.returned_at
    and later.starts_at < earlier.returned_at
