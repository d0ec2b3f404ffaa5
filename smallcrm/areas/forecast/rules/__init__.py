"""Forecast, funnel, what moved, the hot list: read from opportunities, their history, lines and shares, within the actor's reach."""
