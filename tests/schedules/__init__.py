"""Seeded schedules: the real posting code in virtual time, against a model of the service, with faults and kills."""
