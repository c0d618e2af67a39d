#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# wrong_files.sh - a profile or plan that is wrong is refused with the name of
# the file, the place and what was expected.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

profiles=$top_srcdir/model/profiles
cp "$profiles/models/opt-125m.json" m.json
cp "$profiles/hardware/a100-40gb-pcie4.json" h.json
ok kvplan plan -m m.json -w h.json -b 3 -s 17 -g 5 -o p.json
mkdir folder
: >empty.json
printf '{"a": 1,\n  "b": }\n' >broken.json
printf '{"model_type": "opt",\n "hid\0den_size": 3}\n' >nul.json
printf '[1, 2]\n' >array.json
printf '"text"\n' >text.json
printf '{}\n' >object.json
head -c 200 m.json >short.json
printf '{} {}\n' >two.json

with_model() {
	kvplan plan -m "$1" -w t4 -b 3 -s 17 -g 5
}
with_hardware() {
	kvplan plan -m opt-125m -w "$1" -b 3 -s 17 -g 5
}
for reader in with_model with_hardware 'kvplan simulate' \
	'kvplan show model' 'kvplan show hardware' \
	'kvplan plot split -o x.png'; do
	fails 1 'none.json: No such file' $reader none.json
	fails 1 './folder: Is a directory' $reader ./folder
	fails 1 'p.json/x.json: Not a dir' $reader p.json/x.json
	fails 1 'empty.json: line 1, column 1: ' $reader empty.json
	fails 1 'broken.json: line 2, column 8: ' $reader broken.json
	fails 1 'short.json: line *, column ' $reader short.json
	fails 1 'two.json: line 1, column 4: ' $reader two.json
	fails 1 'nul.json: ' $reader nul.json
	fails 1 'array.json: found an array*object' $reader array.json
	fails 1 'text.json: found a text*object' $reader text.json
	fails 1 'object.json: *missing' $reader object.json
done

# edited FILE SED: a copy, in which something has changed.
edited() {
	sed "$2" "$1" >x.json
	checks=$((checks + 1))
	! cmp -s "$1" x.json || problem "nothing to edit in $1: $2"
}

bad_model() {
	edited m.json "$1"
	fails 1 "x.json: $2" with_model x.json
}
bad_model 's/"hidden_size": [0-9]*/"hidden_size": -768/' \
	'hidden_size: found -768, expected*from 1'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": "768"/' \
	"hidden_size: found '768', expected a whole number"
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 768.5/' \
	'hidden_size: found 768.5, expected a whole number'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 1e300/' \
	'hidden_size: found 1e+300'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": null/' 'hidden_size: '
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 767/' \
	'hidden_size: found 767, expected*num_attention_heads'
bad_model '/"num_hidden_layers"/d' 'num_hidden_layers: missing'
bad_model 's/"model_type": "opt"/"model_type": "optt"/' \
	"model_type: found 'optt', expected*nearest is opt"

bad_hardware() {
	edited h.json "$1"
	fails 1 "x.json: $2" with_hardware x.json
}
bad_hardware 's/"312 TFLOP.s"/-312/' 'gpu.flop_per_s*found -312 FLOP/s'
bad_hardware 's/"312 TFLOP.s"/"312 GB"/' \
	"gpu.flop_per_s*found '312 GB', expected*312 TFLOP/s"
bad_hardware 's/"312 TFLOP.s"/[312]/' 'gpu.flop_per_s*found an array'
bad_hardware 's/"312 TFLOP.s"/true/' 'gpu.flop_per_s*truth value'
bad_hardware 's/"launch_s"/"lanch_s"/' \
	'gpu.lanch_s: unknown figure*nearest is gpu.launch_s'
bad_hardware 's/"title"/"tittle"/' '*title'
bad_hardware 's/kvplan-hardware-1/kvplan-hardware-9/' \
	"schema: found 'kvplan-hardware-9', expected 'kvplan-hardware-1'"
bad_hardware 's/kvplan-hardware-1/kvplan-plan-1/' 'schema: '
bad_hardware 's/"confidence": "quoted"/"confidence": "sure"/' \
	"*.confidence: found 'sure', expected measured"
bad_hardware 's/"confidence"/"confidenze"/' \
	"*.confidenze: unknown name*nearest is 'confidence'"
bad_hardware 's/"source": "[^"]*"/"source": ""/' '*.source: found an empty'

# Without pageable rates pageable memory cannot be modelled.
sed -e 's/"pageable_bytes_per_s"/"x"/' h.json >x.json
fails 1 'x.json: link.h2d.x: unknown' with_hardware x.json
for name in $(kvplan list hardware --csv | sed -e 1d -e 's/,.*//'); do
	if kvplan show hardware "$name" --json |
		grep -q pageable_bytes_per_s; then
		continue
	fi
	fails 1 "$name*pageable*not stated" kvplan plan -m opt-125m \
		-w "$name" -b 3 -s 17 -g 5 --host-memory pageable
	break
done

bad_plan() {
	edited p.json "$1"
	fails 1 "x.json: $2" kvplan simulate x.json
}
bad_plan 's/kvplan-plan-2/kvplan-plan-9/' \
	"plan.schema: found 'kvplan-plan-9', expected 'kvplan-plan-2'"
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [999/' \
	'plan.split?0?: found 999, expected a whole number from 0 to 17'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [-1/' 'plan.split?0?: found -1'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [1.5/' 'plan.split?0?: found 1.5'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": ["3"/' "plan.split?0?: found '3'"
bad_plan 's/"split":[^[]*\[/"split": [0, /' \
	'plan.split: found 5 values*4 decode steps'
bad_plan 's/"split":.*/"split": 3/' 'plan.split: found a number*array'
bad_plan 's/"prefetch":.*/"prefetch": 65,/' 'plan.prefetch: found 65'
bad_plan 's/"prefetch":/"prefech":/' \
	"plan.prefech: unknown name*nearest is 'prefetch'"
bad_plan 's/"whole_sequence":.*/"whole_sequence": 0,/' \
	'plan.whole_sequence: found a number, expected true or false'
bad_plan 's/"policy":.*/"policy": "kvpr-rwo",/' \
	"plan.policy: *'kvpr-rwo'*nearest is*kvpr-row"
bad_plan 's/"batch":/"bach":/' "workload.bach: unknown name*'batch'"
bad_plan 's/"batch":.*/"batch": 0,/' 'workload.batch: found 0'
bad_plan 's/"gen":.*/"gen": 1e30,/' 'workload.gen: found 1e+30'
bad_plan 's/"gen":.*/"gen": 1,/' '*gen: found 1*2 or more'
bad_plan 's/"kv":.*/"kv": "fp8",/' \
	"workload.kv: found 'fp8', expected fp16, int8 or int4"
bad_plan 's/"num_batches":.*/"num_batches": 0,/' \
	'workload.num_batches: found 0'
bad_plan 's/"attention":.*/"attention": "cpu",/' \
	'plan.attention: found cpu, expected gpu: policy kvpr-row decides it'
bad_plan 's/"cache_on_gpu":.*/"cache_on_gpu": 1.5,/' \
	'plan.cache_on_gpu: found 1.5, expected a number, 0 to 1'
bad_plan 's/"plan":/"plann":/' 'plan'
bad_plan 's/"model":/"modell":/' 'model'
bad_plan 's/"hidden_size":.*/"hidden_size": 0,/' \
	'model: hidden_size: found 0'
edited p.json 's/"312 TFLOP.s"/"312"/'
fails 1 'gpu.flop_per_s: found 312 FLOP/s' kvplan simulate x.json

# What a plan file says cannot be said again.
for option in '-m opt-125m' '-b 3' '-s 3' '-g 3' '-p load-all' '--split 3' \
	'--prefetch 1' '--program row' '--limit prompt' '--num-batches 2' \
	'--kv int8' '--pipeline fine' '--home pinned'; do
	fails 2 '--*p.json' kvplan simulate p.json $option
done

finish
