"""Exported models: made by a trainer, inspected before they are opened, run by onnxruntime.

export.export(generator, about, folder, *, progress=None) -> ModelCard
    (torch; the trainer alone) `about` is a `ModelCard` without samplers, scores, parity and speed, which export fills in;
    `progress(done, total, graph)` is called between graphs and may raise Stopped.
model.Model.open(folder, provider="auto", threads=0) -> Model
    .card, .folder, .provider (the one really used: "cpu", "cuda", …), .note (why it is not the one hoped for, or "")
    .run(sampler="sample", n=1, *, seed=0, noise=None, inputs=None, controls=None, every=0) -> Iterator[Progress]
        Progress(step, total, samples): `samples` where a preview is due (every k steps), and always in the last one
    .sample(...the same without every) -> NDArray          .run_whole(...the same) -> NDArray, by the stand-alone graph
    .score(name, samples, *, seed=0, inputs=None) -> NDArray (n,)
    .terminate() stops what runs, from any thread (the run raises Stopped); .close() frees its sessions
    inputs by port name: a label is a class name, an index, "any" or one of these per sample; text is a string or one per
    sample; anything else, and both of these too, may be an array of n rows.
catalog.models(home, resources) -> list[ModelInfo];  catalog.resolve(reference, home=None, resources=None) -> folder
catalog.identity(reference) -> str, which changes when the model's files do
providers.available() -> tuple[str, ...];  providers.choose(asked) -> names to try, best first
importing.import_model(path, home) -> folder;  inspecting.inspect(path) -> Summary, by a bounded walk, without executing
"""
