#!/usr/bin/python3
"""One batch through the image encoder Conv4 in PyTorch, forward and backward: the baseline for the speed of encoders.

Four blocks of 3×3 convolution without bias, batch norm, ReLU and 2×2 max-pool. Each step's images are normalised by themselves, as few-shot
training does. Needs Debian's python3-torch. Prints one JSON line: median seconds per batch, wall and processor time, and peak resident
memory.

usage: pytorch_encoder.py [--width 64] [--side 32] [--images 64] [--steps 10] [--threads 2] [--repeat 3]
"""
import argparse, json, resource, statistics, time
import torch


def conv4(width):
    layers = []
    for inputs in (3, width, width, width):
        layers += [torch.nn.Conv2d(inputs, width, 3, padding=1, bias=False), torch.nn.BatchNorm2d(width), torch.nn.ReLU(inplace=True),
                   torch.nn.MaxPool2d(2)]
    return torch.nn.Sequential(*layers, torch.nn.Flatten())


def main():
    parser = argparse.ArgumentParser()
    for name, value in dict(width=64, side=32, images=64, steps=10, threads=2, repeat=3).items():
        parser.add_argument("--" + name, type=int, default=value)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    net = conv4(a.width)
    images = torch.randn(a.steps, a.images, 3, a.side, a.side)
    features = net(images[0]).shape
    cotangents = torch.randn(a.steps, *features)
    wall, processor, forward = [], [], []
    for k in range(a.repeat + 1):
        start, cpu = time.perf_counter(), time.process_time()
        net.zero_grad(set_to_none=True)
        made = [net(step) for step in images]
        half = time.perf_counter()
        torch.autograd.backward(made, list(cotangents))
        if k > 0:
            wall.append(time.perf_counter() - start)
            processor.append(time.process_time() - cpu)
            forward.append(half - start)
    print(json.dumps({
        "torch": torch.__version__, **vars(a), "seconds_per_step": round(statistics.median(wall), 6),
        "seconds_forward": round(statistics.median(forward), 6),
        "processor_seconds_per_step": round(statistics.median(processor), 6),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


main()
