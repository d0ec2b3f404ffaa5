"""Reports: saved figures and standard reports, dashboards, the owner's workbook, segments, alerts."""
