# SPDX-License-Identifier: GPL-3.0-or-later
"""simpy_hold.py - the HOLD model of hold.h in SimPy.

    simpy_hold.py PENDING EVENTS

Prints events a second of processor time: those of PENDING processes that
wait again and again, or of as many callbacks that put in the next event,
whichever is faster.
"""
import math
import sys
import time

import simpy

TIMES = [-math.log(1 - (i + 0.5) / 1024) for i in range(1024)]


def process(env, state):
    while True:
        state = (state * 5 + 1) & 1023
        yield env.timeout(TIMES[state])


def processes(env, pending):
    for i in range(pending):
        env.process(process(env, i))


class Record:
    def __init__(self, env, state):
        self.env, self.state, self.events = env, state, 0
        self.put()

    def put(self):
        self.state = (self.state * 5 + 1) & 1023
        timeout = self.env.timeout(TIMES[self.state])
        timeout.callbacks.append(self.act)

    def act(self, event):
        self.events += 1
        self.put()


def callbacks(env, pending):
    return [Record(env, i) for i in range(pending)]


def measure(build, pending, events):
    env = simpy.Environment()
    build(env, pending)
    for _ in range(2 * pending):
        env.step()
    start = time.process_time()
    # in steady state PENDING exponential times of mean 1 end in a second
    env.run(until=env.now + events / pending)
    return events / (time.process_time() - start)


def main():
    pending, events = int(sys.argv[1]), int(sys.argv[2])
    print(max(measure(build, pending, events)
              for build in (processes, callbacks)))


main()
