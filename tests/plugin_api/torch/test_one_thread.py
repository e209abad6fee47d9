"""One thread for torch, for as long as anybody is inside."""

from __future__ import annotations

import threading

import pytest
import torch

from tokgen.plugin_api.torch.one_thread import one_thread

NUMBER = 3


@pytest.fixture
def asked_for(monkeypatch):
    """The numbers that torch is told to work with, from when there are three."""
    before, numbers = torch.get_num_threads(), []
    tell_torch = torch.set_num_threads
    tell_torch(NUMBER)

    def told(number):
        numbers.append(number)
        tell_torch(number)

    monkeypatch.setattr(torch, "set_num_threads", told)
    yield numbers
    tell_torch(before)


def in_a_new_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_the_number_of_the_process_comes_back_with_the_last_one_out(asked_for):
    seen = []

    def beside():
        with one_thread:
            seen.append(torch.get_num_threads())
        seen.append(torch.get_num_threads())

    with one_thread:
        in_a_new_thread(beside)
        assert set(asked_for) == {1}
        assert torch.get_num_threads() == 1
    assert asked_for[-1] == NUMBER
    assert seen == [1, NUMBER]
    assert torch.get_num_threads() == NUMBER


def test_whoever_is_inside_twice_stays_there_until_both_are_left(asked_for):
    def beside():
        with one_thread:
            with one_thread:
                pass
            seen.append(torch.get_num_threads())

    seen = []
    with one_thread:
        in_a_new_thread(beside)
    assert seen == [1]
    assert asked_for[-1] == NUMBER
