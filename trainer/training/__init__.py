"""Training as the parent process sees it: a spec in, events while it runs, a published version at the end."""

from trainer.training.run import run_training
from trainer.training.spec import TrainingResult, TrainingSpec

__all__ = ["TrainingResult", "TrainingSpec", "run_training"]
