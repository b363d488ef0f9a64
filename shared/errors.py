"""Every error Loupe raises on purpose: one tree, one file.

Each class has a stable `code`, the HTTP `status` the API answers with, and says when it is raised. An error of
one picture (`ItemError`) becomes that item's outcome and never an HTTP status. `transient` says whether trying
again can help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One wrong field or query value of a request, or one wrong line of a list."""

    field: str
    message: str


class LoupeError(Exception):
    """The root. Its text is shown to the user: what was expected, what came, what to do."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong in Loupe"
    transient: ClassVar[bool] = False
    # After how many seconds to try again, where that is known.
    retry_after_s: int | None = None

    def __init__(self, message: str = "", errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.errors = errors


# --- a request that cannot be taken -------------------------------------------------------------------------


class BadRequest(LoupeError):
    """Raised when a request is not well-formed HTTP or multipart."""

    code, status, title = "bad_request", 400, "The request is not well-formed"


class BadJson(LoupeError):
    """Raised when a JSON body cannot be parsed."""

    code, status, title = "bad_json", 400, "The body is not valid JSON"


class Unauthorized(LoupeError):
    """Raised when a request comes without an access key, or with one that is not known."""

    code, status, title = "unauthorized", 401, "An access key is needed"


class CrossSiteRefused(LoupeError):
    """Raised when a page of another site drives Loupe."""

    code, status, title = "cross_site_refused", 403, "Requests from other sites are refused"


class Forbidden(LoupeError):
    """Raised when the access key's scope is too small for what is asked."""

    code, status, title = "forbidden", 403, "This access key may not do that"


class FormTokenWrong(LoupeError):
    """Raised when a form was not sent from a page of the same session."""

    code, status, title = "form_token_wrong", 403, "The form cannot be taken"


class NotFound(LoupeError):
    """Raised when no page or endpoint has the path."""

    code, status, title = "not_found", 404, "There is nothing at this address"


class JobNotFound(LoupeError):
    """Raised for any job id that is not known, well-formed or not."""

    code, status, title = "job_not_found", 404, "There is no such job"


class ModelNotFound(LoupeError):
    """Raised when no model has the name."""

    code, status, title = "model_not_found", 404, "There is no such model"


class VersionNotFound(LoupeError):
    """Raised when the model has no such version."""

    code, status, title = "version_not_found", 404, "There is no such version"


class DatasetNotFound(LoupeError):
    """Raised when no dataset has the name, or it was deleted."""

    code, status, title = "dataset_not_found", 404, "There is no such dataset"


class DatasetVersionNotFound(LoupeError):
    """Raised when the dataset has no such version."""

    code, status, title = "version_not_found", 404, "There is no such version"


class ScheduleNotFound(LoupeError):
    """Raised when no schedule has the name."""

    code, status, title = "schedule_not_found", 404, "There is no such schedule"


class FileNotKept(LoupeError):
    """Raised when a version keeps no file of that name."""

    code, status, title = "file_not_found", 404, "There is no such file"


class NoImage(LoupeError):
    """Raised when no small picture was kept for an item."""

    code, status, title = "no_image", 404, "No picture is kept for this item"


class NoResults(LoupeError):
    """Raised when a training or an import is asked for classification results."""

    code, status, title = "no_results", 404, "This kind of job has no results"


class MethodNotAllowed(LoupeError):
    """Raised when the path exists and the method does not fit it."""

    code, status, title = "method_not_allowed", 405, "This method is not allowed here"


class JobNotFinished(LoupeError):
    """Raised when an action needs a job that has ended."""

    code, status, title = "job_not_finished", 409, "The job has not ended yet"


class JobFinished(LoupeError):
    """Raised when a job that has ended is asked to stop."""

    code, status, title = "job_finished", 409, "The job has already ended"


class NothingToRetry(LoupeError):
    """Raised when a job is to be retried of which nothing failed."""

    code, status, title = "nothing_to_retry", 409, "Nothing of this job failed"


class WrongKind(LoupeError):
    """Raised when an action is for another kind of job."""

    code, status, title = "wrong_kind", 409, "This is not for a job of this kind"


class NoWebhook(LoupeError):
    """Raised when a job's webhook is to be told again, and the job has none."""

    code, status, title = "no_webhook", 409, "The job has no webhook"


class NoShadow(LoupeError):
    """Raised when no version of a model is in shadow."""

    code, status, title = "no_shadow", 404, "Nothing is in shadow"


class AlreadyServed(LoupeError):
    """Raised when a version is to be compared with itself."""

    code, status, title = "already_served", 409, "The version is served"


class NoModel(LoupeError):
    """Raised when no version is served yet."""

    code, status, title = "no_model", 409, "No model is served yet"


class InUse(LoupeError):
    """Raised when something is to be deleted that unfinished work needs."""

    code, status, title = "in_use", 409, "This is still needed"


class PointerBusy(LoupeError):
    """Raised when a version is to be promoted while another one is."""

    code, status, title = "pointer_busy", 409, "Another version is being promoted"
    transient = True


class VersionCorrupt(LoupeError):
    """Raised when a version's files are missing or differ from its manifest."""

    code, status, title = "version_corrupt", 409, "The version's files are damaged"


class ResultsDamaged(LoupeError):
    """Raised when a file with a job's results is missing or broken."""

    code, status, title = "results_damaged", 409, "The job's results are damaged"


class VersionExists(LoupeError):
    """Raised when a version is to be written that exists; versions never change."""

    code, status, title = "version_exists", 409, "The version exists already"


class ScheduleExists(LoupeError):
    """Raised when a schedule is to get a name that another one has."""

    code, status, title = "schedule_exists", 409, "There is a schedule of this name"


class ScheduleCannotRun(LoupeError):
    """Raised when a schedule that is to run now has nothing to train on, or nothing new; its newest run says why."""

    code, status, title = "schedule_cannot_run", 409, "The schedule cannot run"


class JobExpired(LoupeError):
    """Raised when a job's time to live is over."""

    code, status, title = "job_expired", 410, "The job has expired"


class BodyTooLarge(LoupeError):
    """Raised when a request's body is over `LOUPE_MAX_BODY_BYTES`; JSON but for lists, or a form's text, over 1 MiB."""

    code, status, title = "body_too_large", 413, "The body is too large"


class UnsupportedMediaType(LoupeError):
    """Raised when the endpoint does not take this content type."""

    code, status, title = "unsupported_media_type", 415, "This content type is not taken here"


class HostNotAllowed(LoupeError):
    """Raised when the Host header names neither loopback nor an allowed host."""

    code, status, title = "host_not_allowed", 421, "This host name is not allowed"


class InvalidRequest(LoupeError):
    """Raised when fields or query values are wrong or unknown; `errors` names each."""

    code, status, title = "invalid_request", 422, "Some fields are not right"


class WebhookNotAllowed(LoupeError):
    """Raised when a webhook cannot be told: without LOUPE_WEBHOOK_SECRET none, else by where its URL leads."""

    code, status, title = "webhook_not_allowed", 422, "This webhook cannot be used"


class PathNotAllowed(LoupeError):
    """Raised when a path is absolute or leads out of `LOUPE_IMPORT_DIR`."""

    code, status, title = "path_not_allowed", 422, "The path leads out of the import folder"


class TooManyItems(LoupeError):
    """Raised when a list is longer than `LOUPE_MAX_ITEMS`."""

    code, status, title = "too_many_items", 422, "The list has too many items"


class ModelRequired(LoupeError):
    """Raised when several models are served and the request names none."""

    code, status, title = "model_required", 422, "Say which model should answer"


class IdempotencyMismatch(LoupeError):
    """Raised when an Idempotency-Key comes again with other content."""

    code, status, title = "idempotency_mismatch", 422, "This Idempotency-Key was used for another request"


class QueueFull(LoupeError):
    """Raised when more items wait than `LOUPE_MAX_QUEUED_ITEMS`."""

    code, status, title, transient = "queue_full", 429, "Too much work is waiting", True


class _Limited(LoupeError):
    """The root of limits that end by themselves."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(_Limited):
    """Raised when an access key asks too often, or somebody tries to sign in too often."""

    code, status, title, transient = "rate_limited", 429, "Too many requests", True


class QuotaSpent(_Limited):
    """Raised when an access key has had as many pictures classified as it may have in a day."""

    code, status, title, transient = "quota_spent", 429, "The key's pictures of the day are spent", True


class KeysUnreadable(LoupeError):
    """Raised when the file of access keys is missing or broken."""

    code, status, title, transient = "keys_unreadable", 503, "The access keys cannot be read", True


class RedisUnavailable(LoupeError):
    """Raised when Redis does not answer in time."""

    code, status, title, transient = "redis_unavailable", 503, "Redis does not answer", True


class StorageUnavailable(LoupeError):
    """Raised when the storage cannot be read or written."""

    code, status, title, transient = "storage_unavailable", 503, "The storage does not answer", True


class StorageFull(StorageUnavailable):
    """Raised when there is no room left for what is to be written. Unlike an outage it does not end by itself."""

    code, title = "storage_full", "The storage is full"


# --- a training that ended without a model --------------------------------------------------------------------


class TrainingFailed(LoupeError):
    """Raised when a training ends without a version for a reason of its own."""

    code, title = "training_failed", "The training failed"


class TrainingDiverged(TrainingFailed):
    """Raised when the loss is no longer a number."""

    code, title = "training_diverged", "The training diverged"


# --- an import that ended without a dataset -----------------------------------------------------------------------


class ImportFailed(LoupeError):
    """Raised when an import ends without a version for a reason of its own."""

    code, title = "import_failed", "The import failed"


class SourceNotFound(ImportFailed):
    """Raised when a path is not there in `LOUPE_IMPORT_DIR`."""

    code, title = "source_not_found", "The source is not there"


class ModelRefused(ImportFailed):
    """Raised when a model trained elsewhere is none that Loupe can load and serve."""

    code, title = "model_refused", "This model cannot be taken"


class BadSource(ImportFailed):
    """Raised when a source is not what its type says: a file of another format, a line of another width."""

    code, title = "bad_source", "The source cannot be read"


class LabelOutOfRange(BadSource):
    """Raised when a label is a number for which no name was given."""

    code, title = "label_out_of_range", "A label has no name"


class ArchiveTooLarge(BadSource):
    """Raised when an archive has too many files, or would unpack to too many bytes."""

    code, title = "archive_too_large", "The archive is too large"


class TooManyPictures(ImportFailed):
    """Raised when a source has more pictures than a dataset may hold."""

    code, title = "too_many_pictures", "The source has too many pictures"


class EmptyClass(ImportFailed):
    """Raised when a class has no picture that can be used."""

    code, title = "empty_class", "A class has no pictures"


class OneClass(ImportFailed):
    """Raised when all pictures are of one class."""

    code, title = "one_class", "There is only one class"


class TooFewPictures(ImportFailed):
    """Raised when a class has too few pictures to train on, to validate and to test."""

    code, title = "too_few_pictures", "There are too few pictures"


# --- one picture that is left out of a dataset ----------------------------------------------------------------------


class PictureRefused(LoupeError):
    """The root of what can be wrong with one picture of a source, beside what can be wrong with any picture."""

    code, title = "refused", "The picture was left out"


class NoLabel(PictureRefused):
    """Raised when nothing says which class a picture is of."""

    code, title = "no_label", "The picture has no class"


class Unreadable(PictureRefused):
    """Raised when a file cannot be read at all."""

    code, title = "unreadable", "The file cannot be read"


class LabelConflict(PictureRefused):
    """Raised when the same bytes come under two labels; all copies are left out."""

    code, title = "label_conflict", "The same picture has two classes"


# --- one picture that cannot be classified ------------------------------------------------------------------


class ItemError(LoupeError):
    """The root of what can go wrong with one picture. Becomes the item's outcome."""


class InvalidUrl(ItemError):
    """Raised when a string cannot be read as a URL."""

    code, title = "invalid_url", "This is not a web address"


class SchemeNotAllowed(ItemError):
    """Raised when a URL is neither http nor https."""

    code, title = "scheme_not_allowed", "Only http and https addresses are fetched"


class AddressNotAllowed(ItemError):
    """Raised when a host is, or resolves to, an address outside the public internet and `LOUPE_FETCH_ALLOW`."""

    code, title = "address_not_allowed", "The address is not on the public internet"


class TooManyRedirects(ItemError):
    """Raised when a host redirects more often than the cap."""

    code, title = "too_many_redirects", "The host redirects too often"


class DnsFailed(ItemError):
    """Raised when a host name has no address."""

    code, title, transient = "dns_failed", "The host name was not found", True


class ConnectFailed(ItemError):
    """Raised when no connection can be made, or it breaks."""

    code, title, transient = "connect_failed", "No connection could be made", True


class TlsFailed(ItemError):
    """Raised when the TLS handshake or the certificate fails."""

    code, title = "tls_failed", "The secure connection failed"


class FetchTimeout(ItemError):
    """Raised when a whole picture has not come within `LOUPE_FETCH_TIMEOUT_S`."""

    code, title = "fetch_timeout", "The picture did not come in time"


class HttpStatus(ItemError):
    """Raised when the host answers with a status that is not 2xx."""

    code, title = "http_status", "The host answered with an error"


class TooLarge(ItemError):
    """Raised when a picture has more bytes than `LOUPE_MAX_IMAGE_BYTES`."""

    code, title = "too_large", "The picture has too many bytes"


class TooManyPixels(ItemError):
    """Raised when a picture has more pixels than `LOUPE_MAX_IMAGE_PIXELS`."""

    code, title = "too_many_pixels", "The picture has too many pixels"


class NotAnImage(ItemError):
    """Raised when the bytes are no picture of a known format, or a broken one."""

    code, title = "not_an_image", "This is not a picture Loupe can read"


class UploadMissing(ItemError):
    """Raised when an upload is no longer in storage."""

    code, title = "upload_missing", "The uploaded picture is gone"


class ItemModelNotFound(ItemError):
    """Raised when the model or version was deleted after the job was accepted."""

    code, title = "model_not_found", "The model is gone"


class WorkerLost(ItemError):
    """Raised after an item's third lost attempt."""

    code, title = "worker_lost", "The worker died while working on this picture"


class Internal(ItemError):
    """Raised for what should not happen; the log has the traceback."""

    code, title = "internal", "Something went wrong in Loupe"
