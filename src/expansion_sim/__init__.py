"""Agent-based simulation of how Japanese small and medium-sized enterprises go abroad, 1955-2024 and beyond."""
