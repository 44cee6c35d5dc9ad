"""The exercises of "When several interests pay": counts, interests, misses."""
