"""From won to cash: which orders an opportunity became, what differs, and how far the money has come."""
