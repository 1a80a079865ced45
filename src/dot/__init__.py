"""Build any git commit of a dbt project into a schema of its own."""

__version__ = "0.6.0"
