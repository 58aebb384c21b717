"""The seams: one Protocol a file.

Stations and operations know these and the core, and nothing of what stands behind them.
"""
