"""The pages and the JSON API: Flask's side of the house. Parts without Flask (the bundle) say so."""
