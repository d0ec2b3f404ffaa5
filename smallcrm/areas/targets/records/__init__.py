"""Targets, what was said of them and decided, and the plans that commission is worked out by."""

from smallcrm.areas.targets.records.commission import CommissionPlan
from smallcrm.areas.targets.records.review import TargetAction, TargetReview
from smallcrm.areas.targets.records.target import Target

__all__ = ["CommissionPlan", "Target", "TargetAction", "TargetReview"]
