"""Kept results: bounded, the oldest going first."""

from studio.engine.graph.cache import Cache, Result


def result(size):
    return Result({}, 0.0, size)


def test_that_the_least_recently_used_goes_first():
    cache = Cache(100)
    cache.put("a", result(40))
    cache.put("b", result(40))
    cache.get("a")
    cache.put("c", result(40))
    assert "b" not in cache
    assert "a" in cache
    assert "c" in cache
    assert cache.size == 80


def test_that_a_result_larger_than_the_cache_is_not_kept():
    cache = Cache(100)
    cache.put("a", result(40))
    cache.put("b", result(101))
    assert "b" not in cache
    assert "a" in cache


def test_that_replacing_a_result_counts_its_bytes_once():
    cache = Cache(100)
    cache.put("a", result(40))
    cache.put("a", result(50))
    assert cache.size == 50
    cache.clear()
    assert (cache.size, len(cache)) == (0, 0)
