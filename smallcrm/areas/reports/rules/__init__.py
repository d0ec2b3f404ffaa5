"""What holds for figures, dashboards, segments, alerts and workbooks."""
