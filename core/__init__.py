"""What every room stands on: ledger, working days, masking, requirements, realtime. Knows no community words."""
