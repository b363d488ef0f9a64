from __future__ import annotations

import pytest

from tests.support.api_world import URL, ApiWorld
from tests.unit.api.conftest import MakeApi
from tests.unit.api.resources.test_models import beat


def refused(api: ApiWorld, **options: str) -> tuple[int, str, str]:
    answer = api.post(json={"url": URL, **options})
    assert answer.json is not None
    return answer.status_code, answer.json["code"], answer.json["detail"]


def chosen(api: ApiWorld, **options: str) -> str:
    answer = api.post(json={"url": URL, **options})
    assert answer.json is not None, answer.text
    return str(api.services.jobs.get(answer.json["id"]).spec["model"]["name"])


def test_without_any_model_there_is_a_409(make_api: MakeApi) -> None:
    assert refused(make_api())[:2] == (409, "no_model")
    assert refused(make_api(), model="pets")[:2] == (404, "model_not_found")


def test_the_only_served_model_answers(api: ApiWorld) -> None:
    api.publish("unserved", serve=False)

    assert chosen(api) == "pets"


def test_the_built_in_model_does_not_count_beside_another(api: ApiWorld) -> None:
    api.publish("shapes")

    assert chosen(api) == "pets"
    assert chosen(api, model="shapes") == "shapes"


def test_the_built_in_model_answers_alone(make_api: MakeApi) -> None:
    api = make_api()
    api.publish("shapes")

    assert chosen(api) == "shapes"


def test_among_several_one_has_to_be_named(api: ApiWorld) -> None:
    api.publish("birds")

    status, code, detail = refused(api)

    assert (status, code) == (422, "model_required")
    assert "birds, pets" in detail
    assert chosen(api, model="birds") == "birds"


def test_the_default_model_answers_when_none_is_named(make_api: MakeApi) -> None:
    api = make_api(default_model="birds")
    api.publish("pets")

    assert refused(api)[:2] == (404, "model_not_found")
    api.publish("birds")
    assert chosen(api) == "birds"


def test_unknown_models_and_versions_are_a_404(api: ApiWorld) -> None:
    assert refused(api, model="birds")[:2] == (404, "model_not_found")
    assert refused(api, model="pets@2")[:2] == (404, "version_not_found")
    assert refused(api, model="pets@0")[:2] == (404, "version_not_found")


def test_a_model_without_a_served_version_answers_only_by_version(api: ApiWorld) -> None:
    api.publish("birds", serve=False)

    assert refused(api, model="birds")[:2] == (409, "no_model")
    assert chosen(api, model="birds@1") == "birds"


def test_for_single_pictures_a_model_is_looked_up_once_a_second(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(api) == "pets"
    api.publish("birds")

    assert chosen(api) == "pets"
    assert refused_list(api) == (422, "model_required")
    monkeypatch.setattr("api.model_choice.KEPT_S", 0.0)
    assert refused(api)[:2] == (422, "model_required")


def test_a_version_that_is_named_is_looked_up_each_time(api: ApiWorld) -> None:
    api.publish("pets", 2)
    assert chosen(api, model="pets@1") == "pets"
    api.services.registry.delete("pets", 1)

    assert refused(api, model="pets@1")[:2] == (404, "version_not_found")


def refused_list(api: ApiWorld) -> tuple[int, str]:
    answer = api.post(json={"urls": [URL]})
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    ("serving", "reference", "version"),
    [
        # Nobody says anything, or the new version is there: it answers.
        ([], "pets", 2),
        ([1, 2], "pets", 2),
        # It was promoted a moment ago, and may never be loaded.
        ([1], "pets", 1),
        ([1], "pets@2", 2),
        # A version that is deleted meanwhile answers no more.
        ([9], "pets", 2),
    ],
)
def test_a_list_begins_with_what_answers_lists_now(
    api: ApiWorld, serving: list[int], reference: str, version: int
) -> None:
    api.publish(version=2)
    beat(api, "single", [{"name": "pets", "version": 2, "state": "ready", "serving": True}])
    models = [{"name": "pets", "version": one, "state": "ready", "serving": True} for one in serving]
    beat(api, "list", [*models, {"name": "birds", "version": 7, "state": "ready", "serving": True}])

    answer = api.post(json={"urls": [URL], "model": reference})

    assert answer.json is not None
    assert api.services.jobs.get(answer.json["id"]).spec["model"]["version"] == version
