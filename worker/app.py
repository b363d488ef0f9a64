"""The Celery app of the workers that classify: `celery -A worker.app worker -Q classify` or `-Q batch`."""

from worker.tasks import make_worker

app = make_worker()
