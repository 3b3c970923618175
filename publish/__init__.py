"""A generic notice engine: frozen facts, numbering, periods, objections, typesetting, verification."""
