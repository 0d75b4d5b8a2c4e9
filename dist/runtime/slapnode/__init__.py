"""What the node runs in Python: its services' first step, its supervisor's additions, the watchdog and promises."""
