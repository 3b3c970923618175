"""Benchmarks of the live path, and the load client the tests of faults share."""
