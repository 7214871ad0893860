"""SimPy: peer_simpy.py BENCHMARK. The same work as bench/engine.cpp and the same report as
workload.hpp tells, in smaller numbers where SimPy would take minutes (items are counted)."""
import random
import sys
import time

import simpy

CUSTOMERS = 20_000
LOAD = 0.9
TIMERS = 100_000


def report(items, seconds, check):
    print(items, f"{seconds:.6f}", f"{check:.8g}")


def measure_steps(env, warm_up, measured):
    for _ in range(warm_up):
        env.step()
    begin = time.process_time()
    for _ in range(measured):
        env.step()
    report(measured, time.process_time() - begin, env.now)


def increments():
    drawn = [random.expovariate(1) for _ in range(1 << 14)]
    while True:
        yield from drawn


def hold_callbacks(env, n):
    step = increments()

    def fire(_):
        env.timeout(next(step)).callbacks.append(fire)

    for _ in range(n):
        fire(None)
    measure_steps(env, n + 20_000, 50_000)


def hold_processes(env, n):
    step = increments()

    def holder():
        while True:
            yield env.timeout(next(step))

    for _ in range(n):
        env.process(holder())
    measure_steps(env, 2 * n + 20_000, 50_000)


def run_mm1(env, sojourns):
    begin = time.process_time()
    env.run()
    report(CUSTOMERS, time.process_time() - begin, sum(sojourns) / CUSTOMERS)


def mm1_processes(env, _):
    queue = simpy.Store(env)
    sojourns = []

    def arrivals():
        for _ in range(CUSTOMERS):
            yield env.timeout(random.expovariate(LOAD))
            yield queue.put(env.now)

    def server():
        for _ in range(CUSTOMERS):
            arrived = yield queue.get()
            yield env.timeout(random.expovariate(1))
            sojourns.append(env.now - arrived)

    env.process(arrivals())
    env.process(server())
    run_mm1(env, sojourns)


def mm1_customer_processes(env, _):
    counter = simpy.Resource(env)
    sojourns = []

    def customer():
        arrived = env.now
        with counter.request() as request:
            yield request
            yield env.timeout(random.expovariate(1))
        sojourns.append(env.now - arrived)

    def arrivals():
        for _ in range(CUSTOMERS):
            yield env.timeout(random.expovariate(LOAD))
            env.process(customer())

    env.process(arrivals())
    run_mm1(env, sojourns)


def phold(env, n):
    received = [0] * n

    def send(to):
        event = env.timeout(0.1 + random.expovariate(1 / 0.9), to)
        event.callbacks.append(receive)

    def receive(event):
        at = event.value
        received[at] += 1
        send(random.randrange(n) if random.random() < 0.25 else at)

    for i in range(n):
        send(i)
    measure_steps(env, n + 20_000, 50_000)


def timers_bulk(env, _):
    """A timeout of SimPy cannot be cancelled; clearing its callbacks is what users do."""
    times = [random.expovariate(1 / 1000) for _ in range(TIMERS)]
    fired = []
    begin = time.process_time()
    timeouts = [env.timeout(t) for t in times]
    for timeout in timeouts:
        timeout.callbacks.append(fired.append)
    for timeout in timeouts[::2]:
        timeout.callbacks.clear()
    env.run()
    report(TIMERS, time.process_time() - begin, len(fired))


def timers_rolling(env, _):
    fired = []
    timeouts = []

    def tick(_):
        i = len(timeouts)
        timeout = env.timeout(1000 + i % 7)
        timeout.callbacks.append(fired.append)
        timeouts.append(timeout)
        if i >= 500 and i % 2 == 0:
            timeouts[i - 500].callbacks.clear()
        if i + 1 < TIMERS:
            env.timeout(1).callbacks.append(tick)

    begin = time.process_time()
    env.timeout(1).callbacks.append(tick)
    env.run()
    report(TIMERS, time.process_time() - begin, len(fired))


def main(benchmark):
    name, _, size = benchmark.partition("/")
    offered = {f.__name__: f for f in (
        hold_callbacks, hold_processes, mm1_processes, mm1_customer_processes, phold, timers_bulk,
        timers_rolling)}
    if name not in offered:
        sys.exit(3)
    random.seed(42)
    offered[name](simpy.Environment(), int(size or 0))


if __name__ == "__main__":
    main(sys.argv[1])
