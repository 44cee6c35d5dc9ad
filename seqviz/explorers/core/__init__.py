"""What every explorer stands on: the base class, checks, the pen, the front end."""
