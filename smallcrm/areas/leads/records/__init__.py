"""The declarations: the lead, what catches leads, and the rules by which they are shared out and scored."""

from smallcrm.areas.leads.records.capture import LeadSource, MailRule, WebForm
from smallcrm.areas.leads.records.lead import CLOSED, OPEN, Lead
from smallcrm.areas.leads.records.sharing import Absence, AssignmentRule, ScoreRule
from smallcrm.areas.leads.records.tables import LeadArrival, LeadAssignment, LeadMail, LeadMailbox, LeadModel

__all__ = [
    "CLOSED", "OPEN", "Absence", "AssignmentRule", "Lead", "LeadArrival", "LeadAssignment", "LeadMail", "LeadMailbox",
    "LeadModel", "LeadSource", "MailRule", "ScoreRule", "WebForm",
]  # fmt: skip
