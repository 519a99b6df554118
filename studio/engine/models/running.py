"""The steps of a sampler one after the other, with the carry staying on the device between them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.api.errors import Stopped, StudioError
from studio.engine.models.names import INDEX, NOISE, SAMPLES, carried, following
from studio.engine.models.session import ERRORS, first_line

Array = NDArray[Any]
DEVICES = {"cuda": "cuda", "tensorrt": "cuda", "directml": "dml"}


class Cancel:
    """A run that can be stopped from another thread."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()
        # Its default, said aloud: onnxruntime's Python looks it up at each call, and missing it costs a small graph's step.
        self.options.add_run_config_entry("gpu_graph_id", "0")
        self._cancelled = False

    def cancel(self) -> None:
        """Stop at once."""
        self._cancelled = True
        self.options.terminate = True

    def run(self, session: Any, feeds: Mapping[str, Array], output: str) -> Array:
        """One output of a graph, which takes of `feeds` what it needs."""
        names = [value.name for value in session.get_inputs()]
        return self.guard(lambda: session.run([output], {name: feeds[name] for name in names}, self.options)[0])

    def guard(self, call: Callable[[], Any]) -> Any:
        """Make a call; Stopped where it was cancelled, StudioError where it failed."""
        if self._cancelled:
            raise Stopped
        try:
            return call()
        except ERRORS as error:
            if self._cancelled:
                raise Stopped from None
            raise StudioError(_words(error)) from error


def _words(error: Exception) -> str:
    text = first_line(error)
    if "allocat" in text.lower() or "out of memory" in text.lower():
        return f"There is not enough memory for this. Make fewer samples at once, or choose another provider. ({text})"
    return f"onnxruntime could not run the model: {text}"


class Loop:
    """init, step and finish of a sampler over two sets of buffers: each step reads one and writes the other.

    Args:
        part: gives the session of "init", "step", "finish" or "peek".
        given: inputs and controls by name.
    """

    def __init__(self, part: Callable[[str], Any], provider: str, cancel: Cancel, given: Mapping[str, Array]) -> None:
        self._part = part
        self._device = DEVICES.get(provider, "cpu")
        self._cancel = cancel
        self._given = dict(given)
        self._carry: dict[str, Any] = {}
        self._bindings: list[tuple[Any, dict[str, Any]]] = []
        self._session: Any = None
        self._takes = set[str]()

    def start(self, noise: Array) -> None:
        """Run init on noise (n, *shape)."""
        init = self._part("init")
        binding = init.io_binding()
        self._bind(binding, init, {**self._given, NOISE: noise})
        names = [value.name for value in init.get_outputs()]
        for name in names:
            binding.bind_output(name, self._device)
        self._cancel.guard(lambda: init.run_with_iobinding(binding, self._cancel.options))
        self._carry = {name.removeprefix("next."): value for name, value in zip(names, binding.get_outputs(), strict=True)}
        self._bindings = []

    def step(self, i: int, noise: Array | None) -> None:
        """Run step `i`."""
        if not self._bindings:
            self._prepare()
        binding, following_carry = self._bindings[i % 2]
        if INDEX in self._takes:
            binding.bind_cpu_input(INDEX, np.array(i, np.int64))
        if noise is not None and NOISE in self._takes:
            binding.bind_ortvalue_input(NOISE, self._value(noise))
        self._cancel.guard(lambda: self._session.run_with_iobinding(binding, self._cancel.options))
        self._carry = following_carry

    def look(self) -> Array:
        """The samples so far."""
        return self._output("peek")

    def finish(self) -> Array:
        """The samples."""
        return self._output("finish")

    def _prepare(self) -> None:
        """Two bindings: from the first buffers to the second, and back."""
        self._session = self._part("step")
        self._takes = {value.name for value in self._session.get_inputs()}
        second = {name: self._empty_like(value) for name, value in self._carry.items()}
        self._bindings = [self._bound(self._carry, second), self._bound(second, self._carry)]

    def _bound(self, entering: dict[str, Any], leaving: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        binding = self._session.io_binding()
        self._bind(binding, self._session, self._given)
        for name, value in entering.items():
            if carried(name) in self._takes:
                binding.bind_ortvalue_input(carried(name), value)
        for name, value in leaving.items():
            binding.bind_ortvalue_output(following(name), value)
        return binding, leaving

    def _bind(self, binding: Any, session: Any, feeds: Mapping[str, Array]) -> None:
        for value in session.get_inputs():
            if value.name in feeds:
                binding.bind_ortvalue_input(value.name, self._value(feeds[value.name]))

    def _output(self, part: str) -> Array:
        session = self._part(part)
        binding = session.io_binding()
        self._bind(binding, session, self._given)
        for name, value in self._carry.items():
            if carried(name) in {taken.name for taken in session.get_inputs()}:
                binding.bind_ortvalue_input(carried(name), value)
        binding.bind_output(SAMPLES, "cpu")
        self._cancel.guard(lambda: session.run_with_iobinding(binding, self._cancel.options))
        return binding.copy_outputs_to_cpu()[0]

    def _value(self, array: Array) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array), self._device, 0)

    def _empty_like(self, value: Any) -> Any:
        element = _DTYPES[value.data_type()]
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(value.shape(), element, self._device, 0)


_DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_, "tensor(int32)": np.int32}
