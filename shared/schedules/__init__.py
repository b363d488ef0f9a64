"""Schedules as the API and the scheduler share them: when they are due, what they keep, and how a run goes on."""
