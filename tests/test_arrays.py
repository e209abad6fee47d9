"""Work in parts: every row once, no failure lost, the threads of BLAS as they were."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from tokgen.arrays import distinct, in_parts, largest, read_only


@pytest.mark.parametrize("count", [0, 1, 7, 8, 100])
def test_every_row_is_worked_on_once(count):
    seen = np.zeros(count, int)

    rooms = []

    def make_room():
        rooms.append([])
        return rooms[-1]

    def work(part, room):
        seen[part] += 1
        room.append(part)

    in_parts(work, count, 8, make_room)
    assert (seen == 1).all()
    assert sum(map(len, rooms)) == -(-count // 8)
    assert len(rooms) <= max(1, os.cpu_count())


@pytest.mark.parametrize("count", [5, 50])
def test_what_a_part_raises_is_raised(count):
    def work(part, room):
        raise ValueError(part.start)

    with pytest.raises(ValueError, match=r"\d"):
        in_parts(work, count, 8, list)


def test_after_a_failure_no_part_is_begun():
    begun = []

    def work(part, room):
        begun.append(part.start)
        raise ValueError

    with pytest.raises(ValueError):
        in_parts(work, 1000, 1, list)
    count = len(begun)
    in_parts(lambda part, room: None, 100, 1, list)
    assert len(begun) == count <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="parts are spread over the cores")
def test_after_a_failure_those_that_run_end_first():
    ended, other_runs = [], threading.Event()

    def work(part, room):
        if part.start == 0:
            other_runs.wait(10)
            raise ValueError("the first")
        other_runs.set()
        time.sleep(0.05)
        ended.append(part.start)

    with pytest.raises(ValueError, match="the first"):
        in_parts(work, 2, 1, lambda: None)
    assert ended == [1]


def test_a_child_process_works_in_parts_of_its_own():
    in_parts(lambda part, room: None, 50, 8, list)
    child = os.fork()
    if not child:
        seen = np.zeros(50, int)
        in_parts(lambda part, room: seen.__setitem__(part, 1), 50, 8, list)
        os._exit(0 if seen.all() else 1)
    assert os.waitpid(child, 0)[1] == 0


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def two_blas_threads():
    with threadpool_limits(2, "blas"):
        if blas_threads() != {2}:
            pytest.skip("this BLAS has no threads that can be limited")
        yield


def in_a_thread(begun, may_end):
    """Work in parts in a thread of its own, from when it has begun until it may end."""

    def work(part, room):
        begun.set()
        assert may_end.wait(60)

    thread = threading.Thread(target=in_parts, args=(work, 1, 8, list))
    thread.start()
    assert begun.wait(60)
    return thread


@pytest.mark.parametrize("first_to_end", [0, 1])
@pytest.mark.usefixtures("two_blas_threads")
def test_overlapping_calls_put_the_threads_of_blas_back(first_to_end):
    ends = [threading.Event(), threading.Event()]
    threads = [in_a_thread(threading.Event(), end) for end in ends]
    assert blas_threads() == {1}
    for which in (first_to_end, 1 - first_to_end):
        assert blas_threads() == {1}
        ends[which].set()
        threads[which].join()
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_blas_threads")
def test_a_failure_puts_the_threads_of_blas_back():
    def work(part, room):
        raise ValueError

    with pytest.raises(ValueError):
        in_parts(work, 50, 8, list)
    assert blas_threads() == {2}


def test_parts_of_a_part_stay_on_its_thread():
    seen = np.zeros((6, 20), int)
    threads = []

    def outer(part, room):
        mine = threading.get_ident()

        def inner(inner_part, room):
            seen[part, inner_part] += 1
            threads.append(threading.get_ident() == mine)

        in_parts(inner, 20, 3, list)

    in_parts(outer, 6, 1, list)
    assert (seen == 1).all()
    assert len(threads) == 6 * 7
    if (os.cpu_count() or 1) > 1:
        assert all(threads)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12), st.integers(1, 12))
def test_the_largest_are_those_of_a_stable_sort(values, count):
    first = sorted(range(len(values)), key=lambda place: -values[place])[:count]
    assert largest(np.array(values, float), count).tolist() == sorted(first)


def test_a_read_only_view_refuses_and_the_array_does_not():
    array = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        read_only(array)[0] = 1
    array[0] = 1
    assert read_only(array)[0] == 1


@given(st.lists(st.integers(0, 9) | st.integers(-(1 << 63), (1 << 63) - 1)))
def test_the_different_numbers_come_once_and_in_order(numbers):
    given_numbers = np.array(numbers, np.int64)
    before = given_numbers.copy()
    assert distinct(given_numbers).tolist() == sorted(set(numbers))
    assert (given_numbers == before).all()
