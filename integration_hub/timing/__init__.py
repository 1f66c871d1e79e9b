"""When things run: rhythms, what is due, pauses, named states, and the ERP's bell."""
