"""The real Tryton, built from public packages, for proofs against its own ledger."""
