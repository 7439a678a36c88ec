"""The time zone of both services."""

from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Mexico_City")
"""Days begin at midnight of this zone (P-10); Sovos writes its local times without naming it (S-23)."""
