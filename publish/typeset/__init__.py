"""Typesetting behind one narrow file, engine.py; voting and pages never import it at start."""
