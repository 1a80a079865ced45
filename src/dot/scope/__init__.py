"""What a range of commits touches: of a dbt project here, of a bundle in `bundle/`."""
