"""What lies below all rooms: private files, child processes, trust, telemetry, the machine."""
