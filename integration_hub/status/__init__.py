"""How the installation is, in facts: the scheduler's pulse, how much is proven, and who is on what is late."""
