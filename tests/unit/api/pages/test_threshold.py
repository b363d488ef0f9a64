"""How sure a version must be: the slider's part of its page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from api.thresholds import Thresholds
from api.version_answers import Answer
from tests.support.answered import answered_version
from tests.support.page_world import PageWorld
from tests.support.toy_versions import toy_version

# Four cats and four dogs: a cat is taken for a dog by 0.95, another by 0.55; the right answers are surer and surer.
SAYS = [(1, 0.95), (1, 0.55), (0, 0.6), (0, 0.9), (1, 0.7), (1, 0.8), (1, 0.9), (1, 0.99)]
PAGE = "/models/pets/1"


@pytest.fixture
def pets(world: PageWorld) -> PageWorld:
    answered_version(world.storage, world.registry, toy_version(world.storage), 1, lambda count, true: SAYS[count])
    return world


def numbers(page: str) -> dict[str, str]:
    """Returns the numbers of the part, by the first word of what they are."""
    part = page.split('id="sure-found"')[1].split("</dl>")[0]
    found = re.findall(r"<dt>(\w+)[^<]*</dt><dd[^>]*>(?:<a [^>]*>)?([^<]*)<", part)
    return {words: value.replace("\u202f", " ") for words, value in found}


def test_thresholds_count_by_hand() -> None:
    answers = [Answer(index, int(index >= 4), said, score) for index, (said, score) in enumerate(SAYS)]
    everything = Thresholds(answers).at(0)
    assert (everything.precision, everything.recall, everything.coverage, everything.left) == (0.75, 0.75, 1.0, 0)
    sure = Thresholds(answers).at(0.9)
    assert (sure.answered, sure.right, sure.precision, sure.recall) == (4, 3, 0.75, 0.375)
    dogs = Thresholds(answers, 1).at(0.9)
    # Of four dogs two get such an answer; three such answers say dog, one of them about a cat.
    assert (dogs.of, dogs.answered, dogs.said, dogs.right) == (4, 2, 3, 2)
    nothing = Thresholds(answers).at(1)
    assert (nothing.precision, nothing.recall, nothing.left) == (None, 0.0, 8)


@pytest.mark.usefixtures("pets")
def test_the_form_says_what_a_threshold_does(browser: FlaskClient) -> None:
    page = browser.get(f"{PAGE}?sure=90").text
    assert numbers(page) == {"precision": "75.0 %", "coverage": "50.0 %", "recall": "37.5 %", "wrong": "1", "left": "4"}
    assert re.search(r'<input type="range"[^>]* value="90"', page)
    page = browser.get(f"{PAGE}?sure=90&of=dog").text
    assert numbers(page)["precision"] == "66.7 %"
    assert "<option selected>dog</option>" in page


@pytest.mark.usefixtures("pets")
def test_each_number_opens_its_pictures(browser: FlaskClient) -> None:
    page = browser.get(f"{PAGE}?sure=90&of=cat").text
    assert 'href="/models/pets/1/pictures?is=cat&amp;below=0.9"' in page
    left = browser.get("/models/pets/1/pictures?is=cat&below=0.9").text
    assert "2 pictures of cat, and what pets v1 said, less than 90\u202f% sure" in left
    assert '<input type="hidden" name="below" value="0.9">' in left
    wrong = browser.get("/models/pets/1/pictures?said=dog&least=0.9").text
    assert "3 pictures that pets v1 called dog, at least 90\u202f% sure" in wrong
    assert wrong.index("is cat, said dog") < wrong.index("is dog, said dog")


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize("query", ["sure=-1", "sure=1e9", "sure=²", "sure=abc&of=wolf", "sure=&of=", "of=%00"])
def test_what_is_no_threshold_is_the_default(browser: FlaskClient, query: str) -> None:
    page = browser.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert "From 60\u202f% on</h3>" in page.text


@pytest.mark.usefixtures("pets")
def test_the_chart_has_a_text_and_ends_where_no_answer_is_sure(browser: FlaskClient) -> None:
    page = browser.get(f"{PAGE}?sure=100").text
    assert "precision none from 100 %; coverage 0.0\u202f% from 100 %" in page
    assert numbers(page)["precision"] == "–"


def test_a_version_without_answers_has_no_slider(browser: FlaskClient, shapes: PageWorld) -> None:
    assert 'id="sure"' not in browser.get("/models/shapes/1").text
