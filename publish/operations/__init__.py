"""Every write of publish. Locks: notices (lower id first), then the number series, then the ledger."""

from publish.operations.issue import issue_notice, retry_notice
from publish.operations.numbering import reserve_number, void_number
from publish.operations.objections import (
    acknowledge_objection,
    file_objection,
    rule_on_objection,
    take_back_objection,
)
from publish.operations.periods import end_due_periods, extend_period, recompute_open_periods
from publish.operations.postings import add_evidence, add_posting, record_damage, repost
from publish.operations.publication import publish_notice, publish_stuck_notices
from publish.operations.seals import retire_seal, seal_notice, sign_notice, upload_seal
from publish.operations.variants import render_variant, render_waiting_variants, request_variant
from publish.operations.withdrawal import withdraw_notice

__all__ = [
    "acknowledge_objection",
    "add_evidence",
    "add_posting",
    "end_due_periods",
    "extend_period",
    "file_objection",
    "issue_notice",
    "publish_notice",
    "publish_stuck_notices",
    "recompute_open_periods",
    "record_damage",
    "render_variant",
    "render_waiting_variants",
    "repost",
    "request_variant",
    "reserve_number",
    "retire_seal",
    "retry_notice",
    "rule_on_objection",
    "seal_notice",
    "sign_notice",
    "take_back_objection",
    "upload_seal",
    "void_number",
    "withdraw_notice",
]
