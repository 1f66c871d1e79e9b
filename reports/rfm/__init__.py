"""The pages on how RFM scores are set: what each score takes, who is where, and changing it."""
