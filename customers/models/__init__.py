"""Customers, their links to ERP and Salesforce, the rollups per customer, and who may see them."""

from customers.models.access import CustomerView, Deputy, TeamScope
from customers.models.archive import ArchiveBase, ArchivedFigures
from customers.models.conversion import Conversion, ConversionCause, UnlinkedDay
from customers.models.customer import OF_A_PART, AccountLink, Customer, LinkStatus
from customers.models.difference import Difference, DifferenceCheck, DifferenceNote
from customers.models.handover import (
    Handover,
    HandoverBasis,
    HandoverDecision,
    HandoverNote,
    HandoverVerdict,
    OpportunityOrder,
    OrderWithoutOpportunity,
)
from customers.models.link_decision import LinkDecision, LinkProposal, LinkVerdict
from customers.models.link_event import LinkEvent
from customers.models.link_period import AccountLinkPeriod
from customers.models.link_share import DocumentPlace, LinkShare
from customers.models.login import Login, RoleScope
from customers.models.matching import MatchBlock, MatchRecord, MatchSide, MatchState
from customers.models.open_order import OpenOrder, PromiseMove
from customers.models.rfm import RfmCalibration, RfmMembership
from customers.models.rollup import CustomerCategory, CustomerMonth, CustomerRollup, OwnerTotal, RollupDay
from customers.models.sales_order import SalesOrderPair, SalesOrderStanding
from customers.models.saved_view import ListColumns, SavedView, SavedViewCount
from customers.models.segment import Segment, SegmentVersion, SentSegments, SentSegmentsState
from customers.models.visit import Visit

__all__ = [
    "OF_A_PART",
    "AccountLink",
    "AccountLinkPeriod",
    "ArchiveBase",
    "ArchivedFigures",
    "Conversion",
    "ConversionCause",
    "Customer",
    "CustomerCategory",
    "CustomerMonth",
    "CustomerRollup",
    "CustomerView",
    "Deputy",
    "Difference",
    "DifferenceCheck",
    "DifferenceNote",
    "DocumentPlace",
    "Handover",
    "HandoverBasis",
    "HandoverDecision",
    "HandoverNote",
    "HandoverVerdict",
    "LinkDecision",
    "LinkEvent",
    "LinkProposal",
    "LinkShare",
    "LinkStatus",
    "LinkVerdict",
    "ListColumns",
    "Login",
    "MatchBlock",
    "MatchRecord",
    "MatchSide",
    "MatchState",
    "OpenOrder",
    "OpportunityOrder",
    "OrderWithoutOpportunity",
    "OwnerTotal",
    "PromiseMove",
    "RfmCalibration",
    "RfmMembership",
    "RoleScope",
    "RollupDay",
    "SalesOrderPair",
    "SalesOrderStanding",
    "SavedView",
    "SavedViewCount",
    "Segment",
    "SegmentVersion",
    "SentSegments",
    "SentSegmentsState",
    "TeamScope",
    "UnlinkedDay",
    "Visit",
]
