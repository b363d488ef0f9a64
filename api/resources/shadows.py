"""/api/v1/models/{name}/shadow: a version that answers copies of live pictures, unseen."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import answered
from api.bodies import read_json
from api.operation import AWAY, BODY_ERRORS, Operation, documented
from api.services import services
from api.shadows import end_shadow, put_in_shadow, shadow_of
from shared import errors
from shared.schemas.shadow import ShadowRequest, ShadowView

blueprint = Blueprint("shadows", __name__)

TAG = "Models"


@blueprint.get("/api/v1/models/<name>/shadow")
@documented(
    Operation(
        summary="How far the version in shadow agrees with the served one",
        tag=TAG,
        answers={200: [ShadowView]},
        errors=(errors.ModelNotFound, errors.NoShadow, *AWAY),
    )
)
def show_shadow(name: str) -> Response:
    """Shows what is in shadow."""
    return answered(shadow_of(services(), name))


@blueprint.put("/api/v1/models/<name>/shadow")
@documented(
    Operation(
        summary="Have a version answer copies of live pictures, unseen",
        tag=TAG,
        description="It takes the place of whatever was in shadow of the model. Its answers are compared with those of"
        " the served version and given to nobody. It ends when the version is promoted or deleted.",
        body={"application/json": ShadowRequest},
        answers={200: [ShadowView]},
        errors=(
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.VersionCorrupt,
            errors.NoModel,
            errors.AlreadyServed,
            errors.PointerBusy,
            *BODY_ERRORS,
            *AWAY,
        ),
    )
)
def put_shadow(name: str) -> Response:
    """Puts a version in shadow."""
    return answered(put_in_shadow(services(), name, read_json(ShadowRequest)))


@blueprint.delete("/api/v1/models/<name>/shadow")
@documented(
    Operation(
        summary="Have nothing in shadow any more, and forget what was counted",
        tag=TAG,
        answers={204: []},
        errors=(errors.ModelNotFound, errors.NoShadow, errors.PointerBusy, *AWAY),
    )
)
def delete_shadow(name: str) -> Response:
    """Ends it."""
    end_shadow(services(), name)
    return Response(status=204)
