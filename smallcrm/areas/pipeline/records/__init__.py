"""Pipelines and their stages, opportunities, the people and competitors around them, and where each stood when."""

from smallcrm.areas.pipeline.records.history import ForecastOverride, OpportunityLine, OpportunityShare, StageHistory
from smallcrm.areas.pipeline.records.opportunity import Opportunity
from smallcrm.areas.pipeline.records.people import Buyer, Competitor
from smallcrm.areas.pipeline.records.stages import Pipeline, Stage

__all__ = [
    "Buyer", "Competitor", "ForecastOverride", "Opportunity", "OpportunityLine", "OpportunityShare", "Pipeline", "Stage",
    "StageHistory",
]  # fmt: skip
