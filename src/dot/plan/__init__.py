"""From a request and what was found to a plan: everything that is going to happen, before any of it does."""
