"""Shadow scoring in a worker: copies of answered pictures go out at one end, challengers answer them at another.

Every worker sends copies, those for lists answer them: they are other processes than those for single pictures and give
way to them (`nice`). A thread beside the answers could not: it would hold Python's lock while it waits for its turn.
"""

from worker.shadow.challenger import Challenger, challengers_of
from worker.shadow.scorer import Scorer
from worker.shadow.sender import Drawn, Sender

__all__ = ["Challenger", "Drawn", "Scorer", "Sender", "challengers_of"]
