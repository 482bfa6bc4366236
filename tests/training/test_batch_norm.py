"""Two processes with half a batch each must normalise as one process with the whole batch."""

import os
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing
from safetensors.torch import load_file, save_file
from torch import nn

from labeltree.training.batch_norm import ProcessBatchNorm2d, synchronise_batch_norm


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.BatchNorm2d(4))


def batch() -> torch.Tensor:
    return 3 + 2 * torch.randn(8, 3, 6, 6, generator=torch.Generator().manual_seed(1))


def half(rank: int, folder: str) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", GLOO_SOCKET_IFNAME="lo")
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.set_num_threads(1)
    model = synchronise_batch_norm(network(), on_gpu=False)
    assert type(model[1]) is ProcessBatchNorm2d
    outputs = model(batch()[4 * rank : 4 * rank + 4])
    (outputs.square().sum() * (rank + 1)).backward()
    gradients = [p.grad for p in model.parameters()]
    for gradient in gradients:
        dist.all_reduce(gradient)
    named = {f"gradient{i}": gradient for i, gradient in enumerate(gradients)}
    save_file({"outputs": outputs.detach(), **named, **model.state_dict()}, f"{folder}/{rank}")
    dist.destroy_process_group()
    os._exit(0)  # gloo's threads outlive the group: a usual exit aborts now and then


@pytest.mark.filterwarnings("ignore")
def test_two_halves_equal_the_whole(tmp_path: Path) -> None:
    multiprocessing.spawn(half, (str(tmp_path),), nprocs=2)
    halves = [load_file(tmp_path / str(rank)) for rank in range(2)]

    whole = network()
    outputs = whole(batch())
    (outputs[:4].square().sum() + 2 * outputs[4:].square().sum()).backward()
    torch.testing.assert_close(torch.cat([h["outputs"] for h in halves]), outputs.detach())
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(halves[0][name], value)
        torch.testing.assert_close(halves[1][name], value)
    for i, parameter in enumerate(whole.parameters()):
        expected = parameter.grad
        torch.testing.assert_close(halves[0][f"gradient{i}"], expected, rtol=1e-3, atol=1e-3)


def test_evaluation_needs_no_processes() -> None:
    model = synchronise_batch_norm(network(), on_gpu=False).eval()
    torch.testing.assert_close(model(batch()), network().eval()(batch()))
