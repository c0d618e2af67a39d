#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time Hugging Face generate() with an offloaded KV cache, token by token.

The model has the geometry of a config.json, such as those that come with
kvplan, and random weights on the GPU; each prompt is random tokens of the full
length.  Writes a JSON object with the time of every decode step; with
--predicted, the output of 'kvplan simulate --json' for the same batch and
lengths, it also says how far off that is; with --measured it does so for what
an earlier run wrote.  Else it needs PyTorch and transformers.
"""
import argparse
import json
import math
import os
import statistics
import sys
import time

SCHEMA = "kvplan-peer-1"
WITHIN_PCT = 10.0  # what the prediction is held to
LEAST_S, MOST_S = 1e-12, 1e6  # wide bounds that still catch a slipped unit


def parse_arguments(argv):
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--config", metavar="FILE", help="config.json of the model")
    p.add_argument("--batch", type=int, metavar="N")
    p.add_argument("--prompt", type=int, metavar="N", help="tokens")
    p.add_argument("--gen", type=int, metavar="N", help="tokens, 3 or more")
    p.add_argument("--repeat", type=int, default=5, metavar="N", help="timed runs (5)")
    p.add_argument("--warmup", type=int, default=2, metavar="N", help="runs before (2)")
    p.add_argument("--cache", default="offloaded", help="cache_implementation (offloaded)")
    p.add_argument("--device", default="cuda", help="cuda, or cpu to try the script out")
    p.add_argument("--seed", type=int, default=1, metavar="N")
    p.add_argument("--predicted", metavar="FILE", help="output of 'kvplan simulate --json'")
    p.add_argument("--measured", metavar="FILE", help="time nothing: this is what was written")
    p.add_argument("--output", default="-", metavar="FILE", help="default: standard output")
    a = p.parse_args(argv)
    if not a.output:
        p.error("--output: found '', expected a file")
    if a.measured is not None:
        given = [n for n in ("config", "batch", "prompt", "gen") if getattr(a, n) is not None]
        if given or a.predicted is None:
            p.error("--measured: expected --predicted, and neither --config, --batch, --prompt nor --gen")
        return a
    for name in ("config", "batch", "prompt", "gen"):
        if getattr(a, name) is None:
            p.error(f"--{name}: missing, expected it or --measured")
    for name, least in (("batch", 1), ("prompt", 1), ("gen", 3), ("repeat", 1), ("warmup", 0)):
        if getattr(a, name) < least:
            p.error(f"--{name}: found {getattr(a, name)}, expected {least} or more")
    return a


def fail(path, text):
    sys.exit(f"hf_offloaded.py: {path}: {text}")


def finite(text):
    """A number of JSON; Python's reader takes what is none, too."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"found {text[:40]}, expected a finite number")
    return value


def read_json(path):
    try:
        with open(path, encoding="utf-8") as f:
            value = json.load(f, parse_float=finite, parse_constant=finite)
        json.dumps(value, indent=1)  # which goes less deep than reading
    except OSError as e:
        fail(path, e.strerror)
    except ValueError as e:
        fail(path, e)
    except RecursionError:
        fail(path, "found values nested too deeply, expected a flat object")
    if not isinstance(value, dict):
        fail(path, f"found {shown(value)}, expected an object")
    return value


def shown(value):
    """A value in a message, on one line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return json.dumps(value)[:40]


def member(of, path, key):
    if key not in of:
        fail(path, f"found no '{key}', expected it")
    return of[key]


def check_time(value, path, where):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not LEAST_S <= value <= MOST_S:
        fail(path, f"{where}: found {shown(value)}, expected seconds, {LEAST_S:g} to {MOST_S:g}")


def read_steps(path):
    """An object with the time of each decode step, a prediction or a measurement."""
    value = read_json(path)
    steps = member(value, path, "steps_s")
    if not isinstance(steps, list) or not steps:
        fail(path, f"steps_s: found {shown(steps)}, expected an array of times")
    for i, step in enumerate(steps):
        check_time(step, path, f"steps_s[{i}]")
    return value


def read_measured(path):
    value = read_steps(path)
    check_time(member(value, path, "median_s"), path, "median_s")
    for key, expected in (("schema", SCHEMA), ("gen", len(value["steps_s"]) + 1)):
        found = member(value, path, key)
        if found != expected:
            fail(path, f"{key}: found {shown(found)}, expected {shown(expected)}")
    return value


def read_config(path):
    value = read_json(path)
    kind = member(value, path, "model_type")
    if not isinstance(kind, str):
        fail(path, f"model_type: found {shown(kind)}, expected a text")
    return value


def make_model(config, a, torch, transformers):
    """The model with random weights, made where it runs."""
    kind = {k: v for k, v in config.items() if not k.startswith("_")}
    made = transformers.AutoConfig.for_model(kind.pop("model_type"), **kind)
    dtype = torch.float16 if a.device.startswith("cuda") else torch.float32
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(a.device):
            model = transformers.AutoModelForCausalLM.from_config(made)
    finally:
        torch.set_default_dtype(before)
    return model.eval()


def make_clock(a, torch, transformers):
    """A stopping criterion that never stops: it notes when each token is there."""

    class Clock(transformers.StoppingCriteria):
        def __init__(self):
            self.times = []

        def __call__(self, ids, scores, **_):
            if a.device.startswith("cuda"):
                torch.cuda.synchronize()
            self.times.append(time.perf_counter())
            return torch.zeros(ids.shape[0], dtype=torch.bool, device=ids.device)

    return Clock()


def run_once(model, tokens, a, torch, transformers):
    """[s] of prefill, and of each decode step."""
    clock = make_clock(a, torch, transformers)
    options = {
        "max_new_tokens": a.gen,
        "min_new_tokens": a.gen,
        "do_sample": False,
        "use_cache": True,
        "pad_token_id": 0,
        "stopping_criteria": transformers.StoppingCriteriaList([clock]),
    }
    if a.cache != "dynamic":
        options["cache_implementation"] = a.cache
    if a.device.startswith("cuda"):
        torch.cuda.synchronize()
    begin = time.perf_counter()
    with torch.inference_mode():
        model.generate(tokens, attention_mask=torch.ones_like(tokens), **options)
    if len(clock.times) != a.gen:
        sys.exit(f"hf_offloaded.py: {len(clock.times)} tokens were timed, expected {a.gen}")
    steps = [b - x for x, b in zip(clock.times, clock.times[1:])]
    return clock.times[0] - begin, steps


def measure(a, config):
    try:
        import torch
        import transformers
    except ImportError as e:
        sys.exit(f"hf_offloaded.py: found no PyTorch or no transformers, expected both: {e}")

    transformers.logging.set_verbosity_error()
    torch.manual_seed(a.seed)
    model = make_model(config, a, torch, transformers)
    tokens = torch.randint(
        1, model.config.vocab_size, (a.batch, a.prompt), device=a.device
    )
    prefill, runs = [], []
    for i in range(a.warmup + a.repeat):
        first, steps = run_once(model, tokens, a, torch, transformers)
        print(
            f"{'warm-up' if i < a.warmup else 'run'}: {1e3 * statistics.median(steps):.3f} ms a token",
            file=sys.stderr,
        )
        if i >= a.warmup:
            prefill.append(first)
            runs.append(steps)
    device = torch.cuda.get_device_name() if a.device.startswith("cuda") else "CPU"
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    return prefill, runs, device, versions


def summary(prefill, runs):
    """Median over tokens and runs, and how far medians of runs are apart."""
    medians = [statistics.median(r) for r in runs]
    middle = statistics.median(medians)
    return {
        "prefill_s": statistics.median(prefill),
        "median_s": statistics.median(t for r in runs for t in r),
        "spread_pct": 100.0 * (max(medians) - min(medians)) / middle,
        "steps_s": [statistics.median(step) for step in zip(*runs)],
        "runs_s": runs,
    }


def compare(found, predicted, path):
    """Of the median step, with the number of steps checked."""
    steps = predicted["steps_s"]
    if len(steps) != len(found["steps_s"]):
        fail(
            path,
            f"found {len(steps)} decode steps, expected {len(found['steps_s'])}: "
            "give kvplan the same --gen",
        )
    predicted_s = statistics.median(steps)
    error = 100.0 * (predicted_s / found["median_s"] - 1.0)
    return {"predicted_s": predicted_s, "error_pct": error, "within": abs(error) <= WITHIN_PCT}


def check_output(path):
    """Before anything is timed."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        fail(path, f"found no folder '{folder}', expected it")
    if os.path.isdir(path):
        fail(path, "found a folder, expected a file")


def write(result, path):
    text = json.dumps(result, indent=1) + "\n"
    try:
        if path == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    except OSError as e:
        fail(path, e.strerror)


def time_model(a, argv):
    """What is written about a model: who made it, what was asked, what was found."""
    prefill, runs, device, versions = measure(a, read_config(a.config))
    return {
        "schema": SCHEMA,
        "made_by": {
            "command": ["hf_offloaded.py"] + argv,
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            **versions,
        },
        "device": device,
        "cache": a.cache,
        "batch": a.batch,
        "prompt": a.prompt,
        "gen": a.gen,
        "repeat": a.repeat,
        "warmup": a.warmup,
        **summary(prefill, runs),
    }


def main(argv):
    a = parse_arguments(argv)
    check_output(a.output)
    predicted = None if a.predicted is None else read_steps(a.predicted)
    result = time_model(a, argv) if a.measured is None else read_measured(a.measured)
    if predicted is not None:
        result.update(compare(result, predicted, a.predicted))
        print(
            f"predicted {1e3 * result['predicted_s']:.3f} ms, measured "
            f"{1e3 * result['median_s']:.3f} ms: {result['error_pct']:+.1f} %",
            file=sys.stderr,
        )
    write(result, a.output)
    return 0 if result.get("within", True) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
