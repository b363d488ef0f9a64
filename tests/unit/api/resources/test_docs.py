from __future__ import annotations

import html
import json
import re
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from api.docs import describe
from api.operation import operation_of
from shared.errors import ItemError, LoupeError
from tests.support.access import add_key
from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi

UNDOCUMENTED = {"static"}


def test_the_document_is_valid_openapi_31(api: ApiWorld) -> None:
    document = json.loads(api.get("/openapi.json").text)

    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_of_the_api_is_documented(api: ApiWorld) -> None:
    documented = set(json.loads(api.get("/openapi.json").text)["paths"])

    for rule in api.app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            assert operation_of(api.app.view_functions[rule.endpoint]) is not None, rule.rule
            assert re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) in documented


def test_every_endpoint_says_how_it_fails(api: ApiWorld) -> None:
    document = json.loads(api.get("/openapi.json").text)

    for path, methods in document["paths"].items():
        for operation in methods.values():
            responses = operation["responses"]
            assert {"403", "421", "500"} <= set(responses), path
            for status, response in responses.items():
                if int(status) >= 400 and path != "/readyz":
                    assert "application/problem+json" in response["content"]
    classify = document["paths"]["/api/v1/classifications"]["post"]
    assert {"200", "202", "400", "404", "409", "413", "415", "422", "429", "503"} <= set(classify["responses"])
    assert set(classify["requestBody"]["content"]) == {
        *("application/json", "multipart/form-data", "text/csv", "text/plain", "application/x-ndjson")
    }


def test_the_document_is_made_from_the_schemas_that_validate(api: ApiWorld) -> None:
    document = json.loads(api.get("/openapi.json").text)

    request = document["components"]["schemas"]["ClassificationRequest"]
    assert request["additionalProperties"] is False
    assert request["properties"]["url"]["anyOf"][0]["maxLength"] == 8192
    limits = {p["name"]: p["schema"] for p in document["paths"]["/api/v1/jobs"]["get"]["parameters"]}
    assert limits["limit"]["anyOf"][0]["maximum"] == 1000
    assert "running" in json.dumps(limits["status"])


def test_a_filter_that_is_left_empty_is_described_as_what_it_is(api: ApiWorld) -> None:
    parameters = json.loads(api.get("/openapi.json").text)["paths"]["/api/v1/jobs"]["get"]["parameters"]
    schemas = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}

    for name in ("kind", "limit", "cursor"):
        assert {"const": ""} in schemas[name]["anyOf"]
        assert api.get(f"/api/v1/jobs?{name}=").status_code == 200
    assert schemas["limit"]["default"] == 100


def test_every_reference_leads_somewhere(api: ApiWorld) -> None:
    document = json.loads(api.get("/openapi.json").text)

    for reference in re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(document)):
        place: object = document
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            assert part in place, reference
            place = place[part]


def test_events_are_described_with_what_they_tell(api: ApiWorld) -> None:
    document = json.loads(api.get("/openapi.json").text)

    assert list(document["webhooks"]) == ["job.succeeded", "job.failed", "job.canceled", "model.promoted"]
    sent = document["webhooks"]["model.promoted"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert sent == {"$ref": "#/components/schemas/PromotionEvent"}
    form = document["paths"]["/api/v1/classifications"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert form["schema"]["properties"]["webhook"]["type"] == ["string", "null"]


def test_the_page_shows_every_endpoint_and_every_error_code(api: ApiWorld) -> None:
    page = api.get("/docs").text

    for path in json.loads(api.get("/openapi.json").text)["paths"]:
        assert path in page
    kinds: list[type[LoupeError]] = [*LoupeError.__subclasses__(), *ItemError.__subclasses__()]
    for kind in kinds:
        if "code" in vars(kind):
            assert f'id="{kind.code}"' in page


def test_an_error_that_no_request_is_answered_with_has_no_status_on_the_page(api: ApiWorld) -> None:
    page = api.get("/docs").text

    told = dict(re.findall(r'<tr id="(\w+)"><td><code>\w+</code></td><td>(\w+)</td>', page))

    assert (told["dns_failed"], told["no_label"], told["archive_too_large"]) == ("item", "dataset", "job")
    assert (told["queue_full"], told["internal"], told["model_not_found"]) == ("429", "500", "404")


def test_the_page_loads_nothing_from_elsewhere(api: ApiWorld) -> None:
    page = api.get("/docs").text

    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert re.match(r"[#/](?!/)", address) or address == "/", address
    assert " style=" not in page
    assert "<style" not in page


def test_the_example_names_the_host_it_was_asked_at(api: ApiWorld) -> None:
    assert "http://127.0.0.1:8000/api/v1/classifications" in api.get("/docs").text
    assert "Authorization" not in api.get("/docs").text


def test_where_there_are_keys_the_page_says_how_to_send_one(make_api: MakeApi, tmp_path: Path) -> None:
    key = add_key(tmp_path / "keys.json", "ann", "classify")
    page = html.unescape(make_api(api_keys_file=tmp_path / "keys.json").get("/docs").text)

    commands = [line for line in page.splitlines() if "curl " in line]
    assert len(commands) == 3
    for command in commands:
        assert 'curl -H "Authorization: Bearer $LOUPE_API_KEY" ' in command
    assert key not in page


def test_types_are_in_words(api: ApiWorld) -> None:
    fields = [
        field
        for section in describe(api.get("/openapi.json").json)
        for endpoint in section.endpoints
        for field in endpoint.fields
    ]
    types = {(field.place, field.name): field.type for field in fields}

    assert types["form", "webhook"] == "string"
    assert types["query", "kind"] == "classification, training, import"
    assert types["query", "min_score"] == "number"
    assert types["JSON body", "source"].startswith("DirectorySource or ")
    assert types["JSON body", "promote"] == "if_better, always, never, default if_better"
    assert types["query", "check"] == "boolean, default false"
    assert not [words for words in types.values() if re.search(r"any|\[", words)]
