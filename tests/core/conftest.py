"""Properties are tried without a clock, because machines may be busy, and leave no database of examples behind."""

from hypothesis import settings

settings.register_profile("core", deadline=None, database=None, max_examples=50)
settings.load_profile("core")
