"""Databricks bundles: names and paths, specs and the modules made of them, scaffold, scope, submitted builds."""
