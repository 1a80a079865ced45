"""What dot knows of dbt: its program, its options, its artifacts, and the session with a dbt that runs."""
