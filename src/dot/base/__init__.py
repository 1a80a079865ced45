"""What everything stands on: errors, frozen models, places in files, addresses, words."""
