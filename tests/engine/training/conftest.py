from tests.faults.conftest import nursery, store, warm_nursery

__all__ = ["nursery", "store", "warm_nursery"]
