"""What each error code means and what to do about it, in plain words. The code itself stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import ItemError, LoupeError
from shared.jobs.model import Json


@dataclass(frozen=True)
class Trouble:
    """An error as a page shows it.

    Attributes:
        code: the stable code, for those who will search for it.
        cause: what happened, in a sentence.
        next: what to do now, in a sentence or two.
    """

    code: str
    cause: str
    next: str


RETRY = "Try again in a moment."
DROP = "or save the picture and drop the file here"

# One sentence or two for each code: what the reader can do, then what the operator can.
NEXT: dict[str, str] = {
    # one picture
    "invalid_url": "Copy the address of the picture itself; it begins with http:// or https://.",
    "scheme_not_allowed": f"Give an address that begins with http:// or https://, {DROP}.",
    "address_not_allowed": (
        "Loupe fetches from the public internet only. An operator can allow a network with LOUPE_FETCH_ALLOW, "
        "or you can drop the file here."
    ),
    "too_many_redirects": f"Open the address in a browser and copy the one it ends at, {DROP}.",
    "dns_failed": f"Check the spelling of the host name, {DROP}.",
    "connect_failed": f"See whether the address opens in a browser and try again, {DROP}.",
    "tls_failed": f"The host's certificate is not one to trust. Use another address, {DROP}.",
    "fetch_timeout": f"Try again, {DROP}. An operator can allow more time with LOUPE_FETCH_TIMEOUT_S.",
    "http_status": f"See whether the address opens without signing in, {DROP}.",
    "too_large": "Give a smaller copy of the picture. An operator can raise LOUPE_MAX_IMAGE_BYTES.",
    "too_many_pixels": "Give a smaller copy of the picture. An operator can raise LOUPE_MAX_IMAGE_PIXELS.",
    "not_an_image": (
        "Give a JPEG, PNG, WebP, GIF, BMP, AVIF or TIFF. If this is a web page with a picture on it, "
        "copy the picture's own address."
    ),
    "upload_missing": "Choose the file again.",
    "worker_lost": (
        "This picture ended three workers in a row and is not tried again. Save it in another format and try that."
    ),
    # a picture that is left out of a dataset, or an import without one
    "refused": "The dataset goes on without it.",
    "unreadable": "See whether the file opens elsewhere and who may read it, and import again.",
    "no_label": "Put it into a class's folder, or correct the pattern, and import again.",
    "label_conflict": "Decide which class it is, delete the other copy and import again.",
    "model_refused": "Correct the file or what was said about it, and bring it in again.",
    "import_failed": "Correct what is named and import again. The log has the details for an operator.",
    "source_not_found": "Check the spelling; paths begin in the import folder, LOUPE_IMPORT_DIR.",
    "bad_source": "Check that the file is of the kind you chose, and choose another kind if it is not.",
    "label_out_of_range": "Give a name for every label number, in the order of the numbers.",
    "archive_too_large": "Unpack it into the import folder and import that folder.",
    "too_many_pictures": "Import a part of it.",
    "empty_class": "Add pictures to the class or take its folder away, and import again.",
    "one_class": "Add pictures of something else: a model learns to tell classes apart.",
    "too_few_pictures": "Add pictures to the class that is named and import again.",
    # a request
    "bad_request": "Go back, load the page again and repeat what you did.",
    "request_timeout": "Try again; a connection this slow sends too little at a time.",
    "address_too_long": "Put what is long into the body of the request.",
    "headers_too_large": "Send fewer or shorter headers; in a browser, delete the cookies of this address.",
    "bad_json": "Send a body that is valid JSON.",
    "unauthorized": "Sign in with a key. Whoever runs Loupe makes one with `make key`.",
    "forbidden": "Ask whoever runs Loupe for a key of a larger scope, and sign in with that.",
    "form_token_wrong": "Go back, load the page again and repeat what you did; the browser has to take cookies.",
    "rate_limited": "Wait as long as it says. An operator can raise LOUPE_RATE_LIMIT.",
    "quota_spent": "Send fewer pictures, or wait. An operator can raise LOUPE_DAILY_ITEMS.",
    "keys_unreadable": "An operator has to repair the file that LOUPE_API_KEYS_FILE names.",
    "cross_site_refused": "Open Loupe by its own address and use the form there.",
    "not_found": "Check the address, or start again from the first page.",
    "job_not_found": "Check the id in the address, or look for the job in the list.",
    "job_expired": "Jobs are kept for a limited time, LOUPE_RESULT_TTL_S. Classify the picture again.",
    "model_not_found": "Choose one of the models that are served.",
    "version_not_found": "Choose one of the versions that the models page lists.",
    "dataset_not_found": "Choose one of the datasets that the datasets page lists.",
    "upload_not_found": "Send the folder again; what is not finished within a day is removed.",
    "upload_incomplete": "Send the batches that are missing; GET on the upload names them.",
    "schedule_not_found": "Look at the list of schedules for its name.",
    "schedule_exists": "Choose another name, or change the one there is.",
    "schedule_cannot_run": "Read what its newest run says, mend that, and run it again.",
    "in_use": "Wait for the work that needs it, or cancel that first.",
    "webhook_not_allowed": "Give an address on the public internet that takes a POST, or leave the webhook out.",
    "no_webhook": "Ask for its end with GET /api/v1/jobs/{id}, or give the next job a webhook.",
    "path_not_allowed": "Give a path that begins in the import folder, without `..` and without links out of it.",
    "failed_to_load": "Serve another version; training again makes a new one.",
    "pointer_busy": RETRY,
    "no_answers": "Train the version anew: each new one keeps what it said.",
    "no_shadow": "Put a version in shadow on its own page.",
    "already_served": "Choose a version that does not answer yet.",
    "version_corrupt": "Choose another version. An operator can restore the files from a backup.",
    "nothing_to_retry": "There is nothing left to do: every item of this job has its answer.",
    "wrong_kind": "Only classifications are tried again; a training or an import is started anew.",
    "results_damaged": "Send the pictures again. An operator can restore the job's files from a backup.",
    "version_exists": "Use a new version number; Loupe counts them by itself.",
    "file_not_found": "Choose one of the files that the models page lists.",
    "no_image": "Only the answer was kept. The picture may have been forgotten, or never decoded.",
    "no_results": "Its own page says what came of it.",
    "method_not_allowed": "Start again from the first page.",
    "job_not_finished": "Wait for its end, or cancel it first.",
    "job_finished": "There is nothing left to cancel.",
    "no_model": "The first training must end before anything can be classified; the first page shows how far it is.",
    "body_too_large": "Send fewer or smaller files, a long list as a file. An operator can raise LOUPE_MAX_BODY_BYTES.",
    "unsupported_media_type": "Use the form on the first page, or a content type that the API names.",
    "host_not_allowed": "Open Loupe as localhost. An operator can allow this name with LOUPE_ALLOWED_HOSTS.",
    "invalid_request": "Correct what is named and send it again.",
    "too_many_items": "Send fewer at once. An operator can raise LOUPE_MAX_ITEMS and LOUPE_DAILY_ITEMS.",
    "model_required": "Choose a model in the form.",
    "idempotency_mismatch": "Send a new key for a new request.",
    "queue_full": "Try again when some of the waiting work is done.",
    "overloaded": RETRY,
    "redis_unavailable": f"{RETRY} If it stays away, an operator should look at Redis and at LOUPE_REDIS_URL.",
    "storage_unavailable": f"{RETRY} If it stays away, an operator should look at LOUPE_STORAGE_URL.",
    "storage_full": "An operator has to make room where LOUPE_STORAGE_URL and LOUPE_DATA_DIR are; then do it again.",
    "too_many_failures": "See below why they failed, correct the list and send it again.",
    "training_failed": "Correct what is named and train again. The log has the details for an operator.",
    "training_diverged": "Train again with a smaller learning rate, or look for damaged pictures in the dataset.",
    "internal": f"{RETRY} If it happens again, the log has the details for an operator.",
}

# How a list names the codes in its summary, where each stands for many items.
SHORT: dict[str, str] = {
    "invalid_url": "not a web address",
    "scheme_not_allowed": "neither http nor https",
    "address_not_allowed": "not on the public internet",
    "too_many_redirects": "redirected too often",
    "dns_failed": "the host name was not found",
    "connect_failed": "no connection could be made",
    "tls_failed": "no certificate to trust",
    "fetch_timeout": "did not come in time",
    "http_status": "the host answered with an error",
    "too_large": "too many bytes",
    "too_many_pixels": "too many pixels",
    "not_an_image": "not a picture, or a broken one",
    "upload_missing": "the upload is gone",
    "model_not_found": "the model is gone",
    "worker_lost": "ended its worker three times",
    "unreadable": "the file cannot be read",
    "no_label": "nothing says its class",
    "label_conflict": "the same picture in two classes",
    "internal": "went wrong in Loupe",
}


def of_error(error: LoupeError) -> Trouble:
    """Returns a request's error in words; what it says about single fields belongs to the cause."""
    details = " ".join(f"{field.field}: {field.message}" for field in error.errors if field.message != error.message)
    return Trouble(error.code, f"{error.message} {details}".strip(), next_step(error.code))


def of_outcome(error: Json) -> Trouble:
    """Returns the `{"code", "message"}` of a job or an item in words."""
    code = str(error.get("code") or ItemError.code)
    return Trouble(code, str(error.get("message") or SHORT.get(code, ItemError.title)), next_step(code))


def next_step(code: str) -> str:
    """Returns what to do about a code."""
    return NEXT.get(code, NEXT["internal"])
