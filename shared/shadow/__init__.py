"""Shadow scoring: copies of live pictures for a challenger, and how far it agrees with what was answered."""

from shared.shadow.agreement import Agreement, Agreements, ClassAgreement
from shared.shadow.copies import Copies, Copy, Pair

__all__ = ["Agreement", "Agreements", "ClassAgreement", "Copies", "Copy", "Pair"]
