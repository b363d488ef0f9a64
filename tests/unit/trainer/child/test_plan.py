"""What happens when: phases, the learning rate, and patience."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from shared.recipes import recipe, recipe_names
from trainer.child.clock import Clock
from trainer.child.patience import Patience
from trainer.child.phases import Phase, phase_at, phases_of
from trainer.child.rate import LOWEST_SHARE, Rate


def test_a_training_from_chance_is_one_phase() -> None:
    assert phases_of({"epochs": 5, "learning_rate": 0.1}) == [Phase(1, 5, 0.1)]


def test_a_backbone_is_frozen_first_and_then_tuned_with_another_rate() -> None:
    settings = {"epochs": 5, "learning_rate": 0.1, "frozen_epochs": 2, "fine_tune_learning_rate": 0.001}
    phases = phases_of(settings)
    assert phases == [Phase(1, 2, 0.1, frozen=True), Phase(3, 5, 0.001)]
    assert [phase_at(phases, epoch) for epoch in (1, 2, 3, 7)] == [phases[0], phases[0], phases[1], phases[1]]
    assert phases_of({**settings, "frozen_epochs": 0}) == [Phase(1, 5, 0.001)]


def test_the_cosine_rises_over_the_warm_up_and_falls_after_it() -> None:
    rate = Rate.of({"schedule": "cosine", "warmup_fraction": 0.2}, 0.01, 100)
    rates = [rate.at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.01 * LOWEST_SHARE)
    assert max(rates) == rates[20] == 0.01
    assert all(a < b for a, b in itertools.pairwise(rates[:21]))
    assert all(a > b for a, b in itertools.pairwise(rates[20:]))
    assert rates[-1] == pytest.approx(0.01 * LOWEST_SHARE, rel=0.1)


def test_a_constant_rate_and_a_warm_up_of_nothing_are_fine() -> None:
    assert {Rate.of({}, 0.5, 10).at(step) for step in range(10)} == {0.5}
    assert Rate.of({"schedule": "cosine", "warmup_fraction": 0.0}, 0.5, 10).at(0) == 0.5
    assert Rate.of({"schedule": "cosine", "warmup_fraction": 0.9}, 0.5, 1).at(0) > 0


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_has_phases_and_rates(name: str) -> None:
    settings = recipe(name).settings({})
    for phase in phases_of(settings):
        rate = Rate.of(settings, phase.learning_rate, 10 * phase.epochs)
        assert 0 < max(rate.at(step) for step in range(10 * phase.epochs)) <= phase.learning_rate


def test_the_rate_is_lowered_on_a_plateau_and_the_training_ends_after_it() -> None:
    patience = Patience(stop_after=4, reduce_after=2, reduce_factor=0.5)
    seen = [(patience.saw(loss), patience.factor) for loss in (1.0, 0.9, 0.95, 0.9, 0.91, 0.92)]
    assert seen == [(True, 1), (True, 1), (True, 1), (True, 0.5), (True, 0.5), (False, 0.25)]


def test_a_lower_loss_begins_the_count_anew_and_no_patience_has_no_end() -> None:
    patience = Patience(stop_after=2, reduce_after=0, reduce_factor=0.5)
    assert [patience.saw(loss) for loss in (1.0, 1.1, 0.9, 1.0, 1.0)] == [True, True, True, True, False]
    endless = Patience.of({})
    assert all(endless.saw(1.0) for _ in range(100))
    assert endless.factor == 1.0


def test_patience_goes_on_from_its_state() -> None:
    losses = [1.0, 1.2, 0.8, 0.9, 0.9, 0.9, 0.7, 0.8, 0.8, 0.8]
    whole, first = Patience(4, 2, 0.5), Patience(4, 2, 0.5)
    answers = [(whole.saw(loss), whole.factor) for loss in losses]
    for cut in range(len(losses)):
        first = Patience(4, 2, 0.5)
        before = [(first.saw(loss), first.factor) for loss in losses[:cut]]
        second = Patience(4, 2, 0.5)
        second.restore(json.loads(json.dumps(first.state())))
        assert before + [(second.saw(loss), second.factor) for loss in losses[cut:]] == answers
    assert Patience(1, 1, 0.5).state()["lowest"] is None
    assert math.isinf(Patience(1, 1, 0.5).lowest)


def test_the_clock_counts_from_where_an_attempt_began() -> None:
    clock = Clock(10, done=6)
    assert not clock.started
    assert clock.step() is None
    assert clock.started
    assert clock.step() is not None
    assert clock.done == 8
    clock.skip_to(9)
    assert clock.step() == 0.0
    assert clock.done == 10
