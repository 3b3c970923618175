"""People and places: units, households, owners, offices, sign-in. Knows nothing of what they decide."""
