"""The forecast area's card."""
from smallcrm.web.area import Area
AREA = Area(name="forecast", needs=("people", "customers", "activities", "catalog", "pipeline"))
