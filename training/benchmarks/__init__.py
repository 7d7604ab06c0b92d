"""Benchmarks: each module measures one thing and never trains."""
