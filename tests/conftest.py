"""What holds for every test."""

from hypothesis import settings

# No deadline: a property is about what is true, not about how fast this machine is just now.
settings.register_profile("importer", deadline=None, print_blob=True)
settings.load_profile("importer")
