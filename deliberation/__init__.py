"""The conductor: proposals and their five stages. Knows and calls every room below."""
