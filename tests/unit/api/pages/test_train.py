"""The page that starts a training."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from shared.jobs.model import Outcome, Status
from shared.recipes import recipe, recipe_names
from tests.support.page_world import PageWorld

SENT = {"recipe": "modern", "dataset": "pets", "model": "pets"}


def test_without_a_dataset_the_page_leads_to_one(browser: FlaskClient) -> None:
    page = browser.get("/train").text
    assert "There is nothing to learn from yet" in page
    assert 'href="/datasets#add"' in page


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_has_a_field_with_help_for_each_parameter(browser: FlaskClient, name: str) -> None:
    page = browser.get(f"/train?dataset=pets&recipe={name}").text
    assert recipe(name).help in page
    for param in recipe(name).params:
        assert f'name="params.{param}"' in page
        assert f'id="h-f-params-{param}"' in page
    assert page.count('aria-current="true"') == 1


@pytest.mark.usefixtures("pets")
def test_a_number_says_its_range_and_its_default(browser: FlaskClient) -> None:
    page = browser.get("/train?recipe=cats-dogs-64").text
    assert "1 to 1,000, default 25" in page
    assert re.search(r'value="25"[^>]* id="f-params-epochs"', page)


@pytest.mark.usefixtures("pets")
def test_choosing_another_recipe_keeps_dataset_and_model(browser: FlaskClient) -> None:
    page = browser.get("/train?dataset=pets&model=mine&recipe=modern").text
    assert 'href="/train?dataset=pets&amp;model=mine&amp;recipe=cats-dogs-64#recipes"' in page
    assert re.search(r'value="mine"[^>]* id="f-model"', page)


@pytest.mark.usefixtures("pets")
def test_a_version_that_is_not_the_newest_can_be_learned_from(browser: FlaskClient) -> None:
    page = browser.get("/train?dataset=pets@3f2a90b1c4d5").text
    assert '<option value="pets@3f2a90b1c4d5" selected>' in page
    assert re.search(r'value="pets"[^>]* id="f-model"', page)


def test_the_form_becomes_a_training(pets: PageWorld, browser: FlaskClient) -> None:
    sent = {
        **SENT,
        "params.epochs": "3",
        "params.dropout": "0,25",
        "params.flip": "false",
        "balance": "oversample",
        "seed": "7",
        "promote": "always",
        "gate.min_accuracy": "0.8",
        "gate.min_gain": "",
    }
    answer = browser.post("/train", data=sent)
    assert answer.status_code == 303, answer.text
    spec = pets.jobs.get(answer.location.rpartition("/")[2]).spec
    assert spec["dataset"] == {"name": "pets", "version": "3f2a90b1c4d5"}
    assert spec["model"] == {"name": "pets"}
    assert (spec["params"]["epochs"], spec["params"]["dropout"], spec["params"]["flip"]) == (3, 0.25, False)
    assert spec["params"]["batch_size"] == recipe("modern").params["batch_size"].default
    assert (spec["balance"], spec["seed"], spec["promote"]) == ("oversample", 7, "always")
    assert spec["gate"] == {"min_gain": 0.0, "max_class_drop": 0.02, "min_accuracy": 0.8}


def test_a_double_click_makes_one_training_and_a_changed_form_another(pets: PageWorld, browser: FlaskClient) -> None:
    (once,) = re.findall(r'name="once" value="([^"]+)"', browser.get("/train").text)
    epochs = ("3", "3", "4")
    made = [browser.post("/train", data={**SENT, "once": once, "params.epochs": n}).location for n in epochs]
    assert made[0] == made[1] != made[2]


def test_the_form_as_it_comes_asks_for_the_defaults(pets: PageWorld, browser: FlaskClient) -> None:
    for name in recipe_names():
        page = browser.get(f"/train?recipe={name}").text
        texts = re.findall(r'<input type="text" value="([^"]*)"[^>]* name="([^"]+)"', page)
        fields = {field: value for value, field in texts}
        for field, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', page):
            chosen = re.search(r'value="([^"]*)" selected', options)
            assert chosen is not None, field
            fields[field] = chosen[1]
        answer = browser.post("/train", data={"recipe": name, **fields})
        assert answer.status_code == 303, (name, answer.text)
        spec = pets.jobs.get(answer.location.rpartition("/")[2]).spec
        assert spec["params"] == recipe(name).settings({})
        assert spec["balance"] == recipe(name).balance


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"params.epochs": "0"}, "params-epochs", "expected a whole number from 1 to 1000, received 0"),
        ({"params.epochs": "many"}, "params-epochs", "received 'many'"),
        ({"params.dropout": "2"}, "params-dropout", "from 0.0 to 0.9"),
        ({"params.optimizer": "magic"}, "params-optimizer", "one of"),
        ({"params.flip": "perhaps"}, "params-flip", "true or false"),
        ({"model": "My model"}, "model", "small letters, digits"),
        ({"seed": "x"}, "seed", "'x'"),
        ({"gate.min_gain": "3"}, "gate-min_gain", "less than or equal to 1"),
        ({"dataset": "nobody"}, "dataset", "There is no dataset named"),
        ({"promote": "soon"}, "promote", "'soon'"),
    ],
)
def test_a_wrong_value_comes_back_beside_its_field(
    browser: FlaskClient, sent: dict[str, str], field: str, words: str
) -> None:
    answer = browser.post("/train", data={**SENT, **sent})
    assert answer.status_code in {404, 422}
    said = re.search(rf'<p class="wrong small" id="e-f-{field}">(.*?)</p>', answer.text)
    assert said is not None, answer.text
    assert words in said[1].replace("&#39;", "'")
    assert "1 field is not right." in answer.text


@pytest.mark.usefixtures("pets")
def test_several_wrong_values_come_back_together_with_what_was_entered(browser: FlaskClient) -> None:
    page = browser.post("/train", data={**SENT, "params.epochs": "0", "params.dropout": '"><b>'}).text
    assert "2 fields are not right." in page
    assert 'value="&#34;&gt;&lt;b&gt;"' in page


def test_a_recipe_that_does_not_fit_the_classes_says_so(world: PageWorld, browser: FlaskClient) -> None:
    world.dataset("pets", classes=["a", "b", "c"])
    page = browser.post("/train", data={**SENT, "recipe": "cats-dogs-64"})
    assert page.status_code == 422
    assert "takes datasets of exactly two classes" in page.text


@pytest.mark.usefixtures("pets")
def test_a_path_out_of_the_import_folder_is_refused(browser: FlaskClient) -> None:
    page = browser.post("/train", data={**SENT, "recipe": "transfer", "params.weights": "../x.h5"})
    assert page.status_code == 422
    assert 'id="e-f-params-weights"' in page.text


@pytest.mark.usefixtures("pets")
def test_a_recipe_that_is_none_is_refused(browser: FlaskClient) -> None:
    assert browser.post("/train", data={**SENT, "recipe": "magic"}).status_code == 422
    assert browser.get("/train?recipe=magic").status_code == 200


def test_a_training_that_failed_leads_back_to_its_form(shapes: PageWorld, browser: FlaskClient) -> None:
    job_id = shapes.training()
    shapes.start(job_id)
    error = {"code": "training_diverged", "message": "The loss is not a number."}
    shapes.finish(job_id, Outcome(status=Status.FAILED, error=error))
    page = browser.get(f"/jobs/{job_id}").text
    assert 'href="/train?dataset=shapes&amp;recipe=shapes&amp;model=shapes"' in page
    assert "It ended before its first epoch did." in page
