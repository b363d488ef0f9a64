"""The Celery app of the trainer: `celery -A trainer.app worker -P solo -Q train`."""

from trainer.tasks import make_trainer

app = make_trainer()
