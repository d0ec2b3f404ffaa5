"""Targets: plan, do, check, act. Targets by month, how far they are reached, reviews and actions, ranking, commission."""
