"""Hostile ONNX files, each with the rule that refuses it: run as `hostile.py FOLDER`, it says which rule refused which file."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from studio.engine.models.inspecting import inspect
from studio.engine.models.refusal import Refused

Attack = Callable[[Path], Path]
ATTACKS: dict[str, tuple[str, Attack]] = {}
F = TensorProto.FLOAT


def attack(rule: str) -> Callable[[Attack], Attack]:
    def keep(function: Attack) -> Attack:
        ATTACKS[function.__name__] = (rule, function)
        return function

    return keep


def graph(nodes: list[NodeProto], initializers: list[TensorProto] | None = None, output: str = "y") -> GraphProto:
    x, y = (helper.make_tensor_value_info(name, F, None) for name in ("x", output))
    return helper.make_graph(nodes, "g", [x], [y], initializer=initializers or [])


def save(folder: Path, made: GraphProto | ModelProto, **settings: object) -> Path:
    options = {"opset_imports": [helper.make_opsetid("", 18)], "ir_version": 10, **settings}
    model = made if isinstance(made, ModelProto) else helper.make_model(made, **options)  # pyright: ignore[reportArgumentType]
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def identity() -> GraphProto:
    return graph([helper.make_node("Identity", ["x"], ["y"])])


def external(location: str, offset: str = "0", length: str = "16") -> GraphProto:
    tensor = TensorProto(name="w", data_type=F, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=value)
    return graph([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])


def weights(folder: Path, size: int = 16) -> Path:
    path = folder / "weights.bin"
    path.write_bytes(bytes(size))
    return path


def constant(name: str, value: object, dtype: type = np.float32) -> TensorProto:
    return numpy_helper.from_array(np.array(value, dtype), name)


def resize(scale: float) -> GraphProto:
    nodes = [
        helper.make_node("Resize", ["x", "", "scales"], ["r"]),
        helper.make_node("Slice", ["r", "from", "to"], ["y"]),
    ]
    start = [constant("scales", [1, 1, scale, scale]), constant("from", [0] * 4, np.int64), constant("to", [1] * 4, np.int64)]
    made = graph(nodes, start)
    made.input[0].CopyFrom(helper.make_tensor_value_info("x", F, [1, 1, 4, 4]))
    return made


def functions(bodies: dict[str, list[str]], first: str) -> ModelProto:
    opset = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    made = []
    for name, calls in bodies.items():
        nodes, last = [], "x"
        for k, call in enumerate(calls):
            nodes.append(helper.make_node(call, [last], [f"v{k}"], domain="" if call == "Identity" else "own"))
            last = f"v{k}"
        made.append(helper.make_function("own", name, ["x"], [last], nodes, opset))
    top = graph([helper.make_node(first, ["x"], ["y"], domain="own")])
    return helper.make_model(top, opset_imports=opset, ir_version=10, functions=made)


@attack("resize-scales")
def resize_by_minus_one(folder: Path) -> Path:
    return save(folder, resize(-1.0))


@attack("resize-scales")
def resize_by_nan(folder: Path) -> Path:
    return save(folder, resize(float("nan")))


@attack("resize-scales")
def resize_by_infinity(folder: Path) -> Path:
    return save(folder, resize(float("inf")))


@attack("resize-scales")
def resize_by_ten_to_thirty(folder: Path) -> Path:
    return save(folder, resize(1e30))


@attack("resize-scales")
def resize_by_a_constant_node(folder: Path) -> Path:
    scales = helper.make_node("Constant", [], ["scales"], value_floats=[1.0, 1.0, -1.0, -1.0])
    return save(folder, graph([scales, helper.make_node("Resize", ["x", "", "scales"], ["y"])]))


@attack("function-expansion")
def function_bomb(folder: Path) -> Path:
    bodies = {"f0": ["Identity"]} | {f"f{k}": [f"f{k - 1}", f"f{k - 1}"] for k in range(1, 31)}
    return save(folder, functions(bodies, "f30"))


@attack("function-cycle")
def function_calling_itself(folder: Path) -> Path:
    return save(folder, functions({"f": ["f"]}, "f"))


@attack("function-cycle")
def functions_calling_each_other(folder: Path) -> Path:
    return save(folder, functions({"f": ["g"], "g": ["f"]}, "f"))


@attack("constant-size")
def billion_laughs(folder: Path) -> Path:
    nodes = [helper.make_node("Concat", [f"c{k}", f"c{k}"], [f"c{k + 1}"], axis=0) for k in range(40)]
    return save(folder, graph([*nodes, helper.make_node("Add", ["x", "c40"], ["y"])], [constant("c0", [1.0])]))


@attack("constant-size")
def four_terabytes_of_constant(folder: Path) -> Path:
    return save(folder, graph([helper.make_node("ConstantOfShape", ["s"], ["y"])], [constant("s", [2**40], np.int64)]))


@attack("constant-size")
def tiled_constant(folder: Path) -> Path:
    start = [constant("c", [1.0]), constant("r", [2**40], np.int64)]
    return save(folder, graph([helper.make_node("Tile", ["c", "r"], ["y"])], start))


@attack("constant-size")
def random_terabytes(folder: Path) -> Path:
    return save(folder, graph([helper.make_node("RandomNormal", [], ["y"], shape=[2**20, 2**20])]))


@attack("external-data")
def external_data_above_the_folder(folder: Path) -> Path:
    return save(folder, external("../secret"))


@attack("external-data")
def external_data_by_absolute_path(folder: Path) -> Path:
    return save(folder, external("/etc/passwd"))


@attack("external-data")
def external_data_in_another_file_of_the_folder(folder: Path) -> Path:
    (folder / "id_rsa").write_bytes(bytes(16))
    return save(folder, external("id_rsa"))


@attack("external-data")
def external_data_that_is_missing(folder: Path) -> Path:
    return save(folder, external("weights.bin"))


@attack("external-data")
def external_data_at_a_memory_address(folder: Path) -> Path:
    return save(folder, external("*/_ORT_MEM_ADDR_/*"))


@attack("external-data")
def external_data_in_a_constant(folder: Path) -> Path:
    tensor = external("../secret").initializer[0]
    return save(
        folder, graph([helper.make_node("Constant", [], ["c"], value=tensor), helper.make_node("Add", ["x", "c"], ["y"])])
    )


@attack("external-data")
def external_data_in_a_branch(folder: Path) -> Path:
    inner = external("../secret")
    del inner.input[:]
    choose = helper.make_node("If", ["b"], ["y"], then_branch=inner, else_branch=inner)
    return save(folder, graph([choose], [constant("b", True, np.bool_)]))


@attack("external-data")
def external_data_in_a_function(folder: Path) -> Path:
    model = functions({"f": ["Identity"]}, "f")
    model.functions[0].node.append(helper.make_node("Constant", [], ["c"], value=external("../secret").initializer[0]))
    return save(folder, model)


@attack("one-name")
def weights_that_are_a_hard_link(folder: Path) -> Path:
    secret = folder / "secret"
    secret.write_bytes(bytes(16))
    os.link(secret, folder / "weights.bin")
    return save(folder, external("weights.bin"))


@attack("regular-file")
def weights_that_are_a_symbolic_link(folder: Path) -> Path:
    (folder / "weights.bin").symlink_to("/etc/passwd")
    return save(folder, external("weights.bin"))


@attack("regular-file")
def weights_that_are_a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "weights.bin")
    return save(folder, external("weights.bin"))


@attack("external-range")
def external_data_beyond_the_file(folder: Path) -> Path:
    weights(folder)
    return save(folder, external("weights.bin", offset="8"))


@attack("external-range")
def external_data_at_a_negative_place(folder: Path) -> Path:
    weights(folder)
    return save(folder, external("weights.bin", offset="-8"))


@attack("external-range")
def external_data_longer_than_the_tensor(folder: Path) -> Path:
    weights(folder, 64)
    return save(folder, external("weights.bin", length="64"))


@attack("regular-file")
def model_that_is_a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "m.onnx")
    return folder / "m.onnx"


@attack("regular-file")
def model_that_is_a_symbolic_link(folder: Path) -> Path:
    target = save(folder, identity())
    link = folder / "link.onnx"
    link.symlink_to(target)
    return link


@attack("regular-file")
def model_that_is_a_folder(folder: Path) -> Path:
    (folder / "m.onnx").mkdir()
    return folder / "m.onnx"


@attack("one-name")
def model_that_is_a_hard_link(folder: Path) -> Path:
    target = save(folder, identity())
    os.link(target, folder / "other.onnx")
    return target


@attack("file-size")
def model_of_four_terabytes(folder: Path) -> Path:
    path = folder / "m.onnx"
    with path.open("wb") as file:
        file.truncate(2**42)
    return path


@attack("format")
def empty_file(folder: Path) -> Path:
    (folder / "m.onnx").touch()
    return folder / "m.onnx"


@attack("format")
def text_file(folder: Path) -> Path:
    (folder / "m.onnx").write_text("hello, I am a model")
    return folder / "m.onnx"


@attack("format")
def truncated_model(folder: Path) -> Path:
    path = save(folder, resize(2.0))
    path.write_bytes(path.read_bytes()[:-9])
    return path


@attack("format")
def ort_format(folder: Path) -> Path:
    (folder / "m.onnx").write_bytes(b"\x18\0\0\0ORTM" + bytes(64))
    return folder / "m.onnx"


@attack("format")
def nested_three_hundred_deep(folder: Path) -> Path:
    inner = identity().SerializeToString()
    for _ in range(300):
        branch = _field(5, _field(1, b"then_branch") + _field(6, inner) + b"\xa0\x01\x05")
        inner = _field(1, _field(4, b"If") + branch)
    (folder / "m.onnx").write_bytes(b"\x08\x0a" + _field(7, inner) + _field(8, b"\x10\x12"))
    return folder / "m.onnx"


def _field(number: int, data: bytes) -> bytes:
    size, length = b"", len(data)
    while length > 127:
        size, length = size + bytes([length & 127 | 128]), length >> 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + data


@attack("nesting")
def nested_eighteen_deep(folder: Path) -> Path:
    inner = identity()
    for _ in range(17):
        outer = GraphProto(name="g")
        outer.node.append(helper.make_node("If", ["b"], ["y"], then_branch=inner))
        inner = outer
    outer = GraphProto(name="g")
    outer.node.append(helper.make_node("If", ["b"], ["y"], then_branch=inner))
    return save(folder, outer)


@attack("ir-version")
def ir_version_99(folder: Path) -> Path:
    return save(folder, identity(), ir_version=99)


@attack("opset")
def opset_99(folder: Path) -> Path:
    return save(folder, identity(), opset_imports=[helper.make_opsetid("", 99)])


@attack("domain")
def unknown_domain(folder: Path) -> Path:
    made = graph([helper.make_node("Foo", ["x"], ["y"], domain="com.evil")])
    return save(folder, made, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.evil", 1)])


@attack("domain")
def unknown_domain_that_is_not_declared(folder: Path) -> Path:
    return save(folder, graph([helper.make_node("Foo", ["x"], ["y"], domain="com.evil")]))


@attack("domain")
def ep_context(folder: Path) -> Path:
    made = graph([helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft", ep_cache_context="evil.so", embed_mode=0)])
    return save(folder, made, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)])


@attack("node-count")
def a_million_nodes(folder: Path) -> Path:
    made = identity()
    node = made.node[0].SerializeToString()
    field = b"\x0a" + bytes([len(node)]) + node
    return save(folder, GraphProto.FromString(made.SerializeToString() + field * 1_000_000))


@attack("tensor-size")
def tensor_of_four_terabytes(folder: Path) -> Path:
    tensor = TensorProto(name="w", data_type=F, dims=[2**40], raw_data=b"1234")
    return save(folder, graph([helper.make_node("Add", ["x", "w"], ["y"])], [tensor]))


@attack("tensor-size")
def tensor_smaller_than_it_says(folder: Path) -> Path:
    tensor = TensorProto(name="w", data_type=F, dims=[1000], raw_data=b"1234")
    return save(folder, graph([helper.make_node("Add", ["x", "w"], ["y"])], [tensor]))


@attack("tensor-shape")
def tensor_of_negative_size(folder: Path) -> Path:
    tensor = TensorProto(name="w", data_type=F, dims=[-4], raw_data=b"1234")
    return save(folder, graph([helper.make_node("Add", ["x", "w"], ["y"])], [tensor]))


@attack("tensor-type")
def tensor_of_an_unknown_type(folder: Path) -> Path:
    tensor = TensorProto(name="w", data_type=99, dims=[1], raw_data=b"1234")
    return save(folder, graph([helper.make_node("Add", ["x", "w"], ["y"])], [tensor]))


def main(place: Path) -> None:
    """Say of every attack which rule refused it, as it goes, so that an abort shows which file it was."""
    for name, (_, make) in ATTACKS.items():
        folder = place / name
        folder.mkdir()
        path = make(folder)
        try:
            inspect(path)
        except Refused as refused:
            print(name, refused.rule, flush=True)
        else:
            print(name, "accepted", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
