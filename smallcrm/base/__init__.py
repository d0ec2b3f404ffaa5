"""What everything stands on: errors, clock, money, text, languages, ids. Knows no database and no web."""
