"""`labeltree serve MODEL`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labeltree.cli.options import CropsOption, RoutingOption


def serve(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A run folder, the model folder in it, or a file that `labeltree export` wrote.",
            show_default=False,
        ),
    ],
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 is any that is free.")] = 8000,
    backend: Annotated[
        str,
        typer.Option(
            metavar="auto|pytorch|onnxruntime",
            help="What computes a model folder; auto is ONNX Runtime if it is installed, the model "
            "can be exported, and it asks all of its experts.",
        ),
    ] = "auto",
    crops: CropsOption = None,
    routing: RoutingOption = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="That answer, each with the model in its memory. Default: one; but one for each "
            "core, 8 at most, if ONNX Runtime looks at images of up to 64 x 64 pixels.",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of the network, in each process. Default: the cores, shared out.",
            show_default=False,
        ),
    ] = None,
    max_batch: Annotated[
        int, typer.Option(min=1, help="Images looked at together; 1 switches batching off.")
    ] = 32,
    batch_wait: Annotated[
        float,
        typer.Option(min=0, help="Milliseconds to wait for images that are being decoded."),
    ] = 1.0,
    queue: Annotated[
        int, typer.Option(min=1, help="Images taken and not yet answered; more get 503.")
    ] = 256,
    max_images: Annotated[int, typer.Option(min=1, help="In one request.")] = 64,
    max_bytes: Annotated[int, typer.Option(min=1, help="Of one request.")] = 16 * 2**20,
    max_pixels: Annotated[int, typer.Option(min=1, help="Of one image.")] = 25_000_000,
    seconds: Annotated[
        float, typer.Option(help="For one request, from its first byte to its answer.")
    ] = 30,
    connections: Annotated[
        int, typer.Option(min=1, help="Open at once, as far as the system allows.")
    ] = 10_000,
    grace: Annotated[
        int, typer.Option(min=1, help="Seconds for what was taken once the server is to stop.")
    ] = 30,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name by which browsers ask this server, such as that of a proxy before it; may "
            "be repeated. Default: localhost and addresses.",
            show_default=False,
        ),
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the key that clients must send. Default: $LABELTREE_API_KEY, else "
            "nobody is asked for one.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Answer over HTTP: POST /predict, a page for people at /, metrics, health; see /docs."""
    import os
    from tempfile import TemporaryDirectory

    from labeltree.serving import Limits, ServerSettings
    from labeltree.serving.backends import choose_backend
    from labeltree.serving.processes import serve_together, shared_out
    from labeltree.serving.security import KEY_VARIABLE, read_key
    from labeltree.serving.signals import exits_on_sigterm

    settings = ServerSettings(
        host=host,
        port=port,
        max_batch=max_batch,
        batch_wait=batch_wait,
        queue=queue,
        limits=Limits(
            images=min(max_images, queue),
            bytes=max_bytes,
            pixels=max_pixels,
            seconds=seconds,
            connections=connections,
        ),
        api_key=read_key(api_key_file, os.environ.get(KEY_VARIABLE)),
        allow_hosts=tuple(allow_host or ()),
        grace_seconds=grace,
    )
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # of other servers: ours counts by itself
    with exits_on_sigterm(), TemporaryDirectory(prefix="labeltree-") as folder:
        chosen = choose_backend(
            model, backend, Path(folder), crops=crops, routing=routing, say=_flushed
        )
        predictor = chosen.open(threads)
        processes, threads = shared_out(predictor, processes, threads)
        if processes > 1:
            del predictor  # each opens its own
            serve_together(chosen, settings, processes, threads, _flushed)
        else:
            from labeltree.serving.running import serve as run

            run(predictor, settings, _flushed)
    from labeltree.serving.running import leave

    leave()


def _flushed(line: str) -> None:
    print(line, flush=True)
