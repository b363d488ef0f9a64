"""Which route needs which scope: the one table. A route that is not in it needs `admin`, and fails a test.

`classify` reads everything, and makes classifications and deals with their jobs. `train` does everything else, but
for what deletes datasets, models and versions, which takes `admin`. Dealing with a job of somebody else takes `admin`,
too; that hangs on the job, see `api.access.owner`.
"""

from __future__ import annotations

from shared.access import Scope

# Health, metrics, the API's description, the files of the pages, and the way in.
OPEN = frozenset(
    {
        "docs.docs",
        "docs.openapi",
        "health.healthz",
        "health.readyz",
        "metrics.metrics",
        "pages_sign_in.ask",
        "pages_sign_in.sign_in",
        "pages_sign_in.sign_out",
        "static",
    }
)

CLASSIFY = frozenset(
    {
        "classifications.create",
        "corrections.index",
        "datasets.file",
        "datasets.index",
        "datasets.refused",
        "datasets.show",
        "datasets.show_version",
        "events.events",
        "jobs.cancel",
        "jobs.delete",
        "jobs.image",
        "jobs.index",
        "jobs.retry",
        "jobs.show",
        "models.history",
        "models.index",
        "models.show",
        "pages_batch.batch",
        "pages_batch.batch_page",
        "pages_classify.classify",
        "pages_classify.classify_page",
        "pages_compare.compare_page",
        "pages_dataset.dataset_page",
        "pages_datasets.datasets_page",
        "pages_job.cancel",
        "pages_job.job_page",
        "pages_job.retry",
        "pages_job.webhook",
        "pages_jobs.jobs_page",
        "pages_models.model_page",
        "pages_models.models_page",
        "pages_samples.sample",
        "pages_schedule.schedule_page",
        "pages_schedules.schedules_page",
        "pages_tested.pictures_page",
        "pages_timeline.timeline_page",
        "pages_train.train_page",
        "pages_version.version_page",
        "pictures.show",
        "recipes.index",
        "results.results",
        "schedules.index",
        "schedules.show",
        "shadows.show_shadow",
        "versions.compare_versions",
        "versions.file",
        "versions.show_version",
        "webhooks.tell",
    }
)

TRAIN = frozenset(
    {
        "corrections.apply",
        "corrections.delete",
        "corrections.put",
        "datasets.create",
        "folder_uploads.batch",
        "folder_uploads.begin",
        "folder_uploads.delete",
        "folder_uploads.finish",
        "folder_uploads.show",
        "models.promote",
        "pages_correct.apply",
        "pages_correct.correct_picture",
        "pages_correct.forget",
        "pages_datasets.add",
        "pages_elsewhere.bring_in",
        "pages_elsewhere.elsewhere_page",
        "pages_promote.ask",
        "pages_promote.promote",
        "pages_schedule.ask",
        "pages_schedule.delete",
        "pages_schedule.pause",
        "pages_schedule.resume",
        "pages_schedule.run",
        "pages_schedule_edit.change",
        "pages_schedule_edit.edit",
        "pages_schedule_edit.make",
        "pages_schedule_edit.new",
        "pages_shadow.begin",
        "pages_shadow.end",
        "pages_train.train",
        "pages_upload.batch",
        "pages_upload.begin",
        "pages_upload.finish",
        "schedules.change",
        "schedules.create",
        "schedules.delete",
        "schedules.run",
        "shadows.delete_shadow",
        "shadows.put_shadow",
        "trainings.create",
        "versions.create_version",
    }
)

ADMIN = frozenset(
    {
        "datasets.delete",
        "pages_audit.audit_page",
        "versions.delete_version",
    }
)

SCOPES: dict[str, Scope | None] = {
    **dict.fromkeys(OPEN),
    **dict.fromkeys(CLASSIFY, Scope.CLASSIFY),
    **dict.fromkeys(TRAIN, Scope.TRAIN),
    **dict.fromkeys(ADMIN, Scope.ADMIN),
}


def scope_of(endpoint: str) -> Scope | None:
    """Returns the scope that an endpoint needs; None where everybody may come."""
    return SCOPES.get(endpoint, Scope.ADMIN)
