"""The form of a schedule: making one, changing one, and the times it shows before."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from shared.schemas.training import TrainingRequest
from tests.support.page_world import PageWorld
from tests.support.schedule_world import toy_schedule

SENT = {
    "recipe": "cats-dogs-64",
    "name": "weekly",
    "cron": "0 3 * * 1",
    "timezone": "Europe/Paris",
    "dataset": "pets",
    "model": "pets",
}


def beside(page: str, field: str) -> str:
    """Returns what the page says is wrong with a field."""
    found = re.search(f'id="e-f-{field}">(.*?)</p>', page)
    return found[1] if found else ""


def test_without_a_dataset_the_page_leads_to_one(browser: FlaskClient) -> None:
    assert 'href="/datasets#add"' in browser.get("/train/schedule").text


@pytest.mark.usefixtures("pets")
def test_the_form_shows_the_next_five_times(browser: FlaskClient) -> None:
    page = browser.get("/train/schedule?cron=30+4+*+*+*&timezone=Asia/Tokyo").text
    assert page.count("04:30 JST") == 5
    assert re.search(r'value="30 4 \* \* \*"[^>]* id="f-cron"', page)
    assert '<option value="Asia/Tokyo">' in page


@pytest.mark.usefixtures("pets")
def test_a_query_with_wrong_times_says_so_where_the_times_stand(browser: FlaskClient) -> None:
    page = browser.get("/train/schedule?cron=61+*+*+*+*&timezone=Nowhere").text
    part = page[page.index('id="next"') : page.index("Show the next times")]
    assert "cron says: Bad minute" in part
    assert "Expected the name of a time zone" in part


def test_a_preview_makes_nothing(pets: PageWorld, browser: FlaskClient) -> None:
    answer = browser.post("/train/schedule", data=SENT | {"by": "preview", "model": "mine"})
    assert answer.status_code == 200
    assert answer.text.count("03:00 CE") == 5
    assert re.search(r'value="mine"[^>]* id="f-model"', answer.text)
    wrong = browser.post("/train/schedule", data=SENT | {"by": "preview", "cron": "every monday"})
    assert wrong.status_code == 422
    assert "Expected five fields" in beside(wrong.text, "cron")
    assert "<code>0 3 * * 1</code>" in beside(wrong.text, "cron")
    assert pets.schedules.all() == []


def test_a_schedule_is_made_and_its_page_follows(pets: PageWorld, browser: FlaskClient) -> None:
    sent = SENT | {"skip_unchanged": "on", "params.epochs": "3", "gate.min_gain": "0.01", "seed": "7"}
    answer = browser.post("/train/schedule", data=sent)
    assert (answer.status_code, answer.location) == (303, "/schedules/weekly")
    made = pets.schedules.get("weekly")
    assert (made.cron, made.timezone, made.skip_unchanged) == ("0 3 * * 1", "Europe/Paris", True)
    assert (made.training.params, made.training.seed, made.training.gate.min_gain) == ({"epochs": 3}, 7, 0.01)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"cron": "0 25 * * *"}, "cron", "cron says: Bad hour"),
        ({"timezone": "Europe/Atlantis"}, "timezone", "Expected the name of a time zone"),
        ({"name": "Weekly"}, "name", "received &#39;Weekly&#39;"),
        ({"model": ""}, "model", "received"),
        ({"params.epochs": "0"}, "params-epochs", "received 0"),
        ({"gate.min_gain": "2"}, "gate-min_gain", "less than or equal to 1"),
        ({"dataset": "birds"}, "dataset", "There are: pets."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    pets: PageWorld, browser: FlaskClient, wrong: dict[str, str], field: str, words: str
) -> None:
    answer = browser.post("/train/schedule", data=SENT | wrong)
    assert answer.status_code in {404, 422}
    assert words in beside(answer.text, field)
    assert "Not saved: " in answer.text
    assert pets.schedules.all() == []


def test_a_name_that_is_taken_is_refused(pets: PageWorld, browser: FlaskClient) -> None:
    pets.schedules.create(toy_schedule())
    answer = browser.post("/train/schedule", data=SENT)
    assert answer.status_code == 409
    assert "<code>schedule_exists</code>" in answer.text


def test_changing_begins_with_what_there_is(pets: PageWorld, browser: FlaskClient) -> None:
    params = {"epochs": 3, "flip": False}
    training = TrainingRequest(dataset="pets", recipe="cats-dogs-64", model="mine", params=params, promote="never")
    pets.schedules.create(toy_schedule(cron="5 4 * * *", timezone="Asia/Tokyo", skip_unchanged=True, training=training))
    page = browser.get("/schedules/weekly/edit").text
    for field, value in (
        ("cron", r"5 4 \* \* \*"),
        ("timezone", "Asia/Tokyo"),
        ("model", "mine"),
        ("params-epochs", "3"),
    ):
        assert re.search(rf'value="{value}"[^>]* id="f-{field}"', page), field
    assert re.search(r'id="f-skip_unchanged"[^>]* checked', page)
    assert '<option value="never" selected>' in page
    assert '<option value="false" selected>' in page
    assert 'id="f-name"' not in page
    # Another recipe keeps what is the same for all
    other = browser.get("/schedules/weekly/edit?recipe=shapes&cron=7+7+*+*+*").text
    assert re.search(r'value="7 7 \* \* \*"[^>]* id="f-cron"', other)
    assert 'name="recipe" value="shapes"' in other


def test_a_change_is_saved_and_an_unticked_box_with_it(pets: PageWorld, browser: FlaskClient) -> None:
    training = TrainingRequest(dataset="pets", recipe="cats-dogs-64", model="pets", params={"epochs": 3})
    pets.schedules.create(toy_schedule(skip_unchanged=True, training=training))
    sent = SENT | {"cron": "1 1 * * *", "params.epochs": "25", "promote": "always"}
    answer = browser.post("/schedules/weekly/edit", data=sent)
    assert (answer.status_code, answer.location) == (303, "/schedules/weekly")
    changed = pets.schedules.get("weekly")
    assert (changed.cron, changed.timezone, changed.skip_unchanged) == ("1 1 * * *", "Europe/Paris", False)
    assert (changed.training.params, changed.training.promote) == ({}, "always")


def test_a_change_that_is_wrong_or_only_looked_at_changes_nothing(pets: PageWorld, browser: FlaskClient) -> None:
    pets.schedules.create(toy_schedule())
    before = pets.schedules.get("weekly")
    wrong = browser.post("/schedules/weekly/edit", data=SENT | {"cron": "x"})
    assert wrong.status_code == 422
    assert "Expected five fields" in beside(wrong.text, "cron")
    assert browser.post("/schedules/weekly/edit", data=SENT | {"by": "preview"}).status_code == 200
    assert pets.schedules.get("weekly") == before


@pytest.mark.usefixtures("pets")
def test_a_training_leads_to_its_repetition(browser: FlaskClient) -> None:
    page = browser.get("/train?dataset=pets&recipe=shapes").text
    assert 'href="/train/schedule?dataset=pets&amp;recipe=shapes"' in page
