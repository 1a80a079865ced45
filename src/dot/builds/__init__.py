"""The builds that there are, and all that is known of one."""
