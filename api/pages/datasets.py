"""The datasets: those there are, those on their way, and the form that adds one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api.bodies import validate
from api.idempotency import form_key
from api.imports import submit_archive, submit_import, uploaded_archive
from api.pages.dataset_form import DatasetForm, asked, dataset_form, entered_again, options, suggested_paths
from api.pages.importing import Import, import_of
from api.pages.refresh import EVERY_S
from api.pages.render import page
from api.pages.source_kinds import ARCHIVE, BY_TYPE, KINDS, UPLOAD
from api.services import services
from shared.datasets import DatasetManifest, DatasetStore, Newest
from shared.errors import FieldError, InvalidRequest, LoupeError
from shared.jobs.model import Job, Kind, Status
from shared.jobs.store import Created
from shared.schemas.dataset import DatasetRequest, ImportOptions

blueprint = Blueprint("pages_datasets", __name__)
MOST_OPEN = 10


@dataclass(frozen=True)
class DatasetRow:
    """A dataset by its newest version."""

    manifest: DatasetManifest
    newest: Newest

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def imported_at(self) -> float:
        """When it was imported last, in seconds since 1970."""
        return self.newest.imported_at.timestamp()


@blueprint.get("/datasets")
def datasets_page() -> Response:
    """Lists the datasets, with the form for one more."""
    again = request.args.get("again", "")
    newest = DatasetStore(services().storage).newest(again) if again else None
    entered = entered_again(again, newest) if newest else {}
    type_ = str(newest.source.get("type")) if newest else request.args.get("from", "")
    return _page(dataset_form(type_, entered))


@blueprint.post("/datasets")
def add() -> AnyResponse:
    """Takes the form. What is wrong with it is said beside its field; otherwise the import's page follows."""
    type_ = request.form.get("from", "")
    try:
        created = _submit(type_, request.form)
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _page(dataset_form(type_, request.form, error), error.status)
    return redirect(f"/jobs/{created.job.id}", 303)


def _page(form: DatasetForm, status: int = 200) -> Response:
    imports = _open_imports()
    folder = services().settings.import_dir
    return page(
        "datasets.html",
        http_status=status,
        refresh=EVERY_S if imports else None,
        datasets=_rows(),
        imports=imports,
        kinds=KINDS,
        form=form,
        folder=folder,
        paths=suggested_paths(folder),
        max_bytes=int(services().settings.max_body_bytes),
        max_image_bytes=int(services().settings.max_image_bytes),
        max_items=services().settings.max_items,
    )


def _rows() -> list[DatasetRow]:
    store = DatasetStore(services().storage)
    found = [(name, store.newest(name)) for name in store.names()]
    return [DatasetRow(store.manifest(name, newest.version), newest) for name, newest in found if newest]


def _open_imports() -> list[Import]:
    jobs, now = services().jobs, time.time()
    found: list[Job] = []
    for status in (Status.RUNNING, Status.QUEUED):
        found += jobs.page(kind=Kind.IMPORT, status=status, limit=MOST_OPEN).jobs
    # An import may also bring in a model.
    return [import_of(job, now) for job in found if "model" not in job.spec]


def _submit(type_: str, form: Mapping[str, str]) -> Created:
    """Sends what the form of this kind of source says."""
    if type_ == UPLOAD:
        message = "A folder is sent by a script of this page. Without scripts, pack it and choose an archive upload."
        raise InvalidRequest(message, (FieldError("folder", message),))
    if type_ == ARCHIVE:
        wanted = validate(ImportOptions, options(form))
        # A browser sends an empty part without a name for a file field that was left alone.
        chosen = MultiDict([(name, part) for name, part in request.files.items(multi=True) if part.filename])
        return submit_archive(services(), wanted, uploaded_archive(chosen))
    return submit_import(services(), validate(DatasetRequest, asked(BY_TYPE.get(type_, KINDS[0]), form)), form_key())
