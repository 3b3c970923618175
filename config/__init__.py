"""Assembles the rooms. Nobody imports it."""
