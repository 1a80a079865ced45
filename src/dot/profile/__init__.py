"""A dbt profile: found, read, and made into that of a build which stays in its own schemas."""
