# SPDX-License-Identifier: MIT
"""What Python's own runtimes take for what bench_runtimes measures, in ns an operation.

Usage: peers.py PEER COUNT
"""
import asyncio
import concurrent.futures
import multiprocessing
import sys
import threading
import time

PLAYER_COUNT = 2
BATCH_SIZE = 1000
SWITCH_INTERVAL_US = 100


async def run_tasks(play, turns):
    await asyncio.gather(*(play(turns) for _ in range(PLAYER_COUNT)))


async def asyncio_yield(turns):
    for _ in range(turns):
        await asyncio.sleep(0)


def asyncio_lock():
    lock = asyncio.Lock()

    async def play(turns):
        for _ in range(turns):
            async with lock:
                await asyncio.sleep(0)

    return play


def run_threads(play, turns):
    threads = [threading.Thread(target=play, args=(turns,)) for _ in range(PLAYER_COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def threading_yield(turns):
    for _ in range(turns):
        time.sleep(0)


def threading_lock():
    lock = threading.Lock()

    def play(turns):
        for _ in range(turns):
            with lock:
                time.sleep(0)

    return play


def threading_hand_over(count):
    newest = None
    hand_overs = 0

    def play(player):
        nonlocal newest, hand_overs
        while hand_overs < count:
            if newest != player:
                newest = player
                hand_overs += 1

    sys.setswitchinterval(SWITCH_INTERVAL_US / 1e6)
    threads = [threading.Thread(target=play, args=(player,)) for player in range(PLAYER_COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def executor_submit(executor, count):
    with executor(PLAYER_COUNT) as pool:
        for _ in range(count // BATCH_SIZE):
            for future in [pool.submit(int) for _ in range(BATCH_SIZE)]:
                future.result()


def start_each(kind, count):
    for _ in range(count):
        started = kind(target=int)
        started.start()
        started.join()


peers = {
    "asyncio-yield": lambda count: asyncio.run(run_tasks(asyncio_yield, count // PLAYER_COUNT)),
    "asyncio-lock": lambda count: asyncio.run(run_tasks(asyncio_lock(), count // PLAYER_COUNT)),
    "threading-hand-over": threading_hand_over,
    "threading-yield": lambda count: run_threads(threading_yield, count // PLAYER_COUNT),
    "threading-lock": lambda count: run_threads(threading_lock(), count // PLAYER_COUNT),
    "executor-submit": lambda count: executor_submit(concurrent.futures.ThreadPoolExecutor, count),
    "process-executor-submit": lambda count: executor_submit(concurrent.futures.ProcessPoolExecutor, count),
    "threading-start": lambda count: start_each(threading.Thread, count),
    "multiprocessing-start": lambda count: start_each(multiprocessing.get_context("fork").Process, count),
}

if len(sys.argv) != 3 or sys.argv[1] not in peers:
    sys.exit(f"usage: peers.py {'|'.join(peers)} COUNT")

begin_ns = time.monotonic_ns()
peers[sys.argv[1]](int(sys.argv[2]))
print(f"{(time.monotonic_ns() - begin_ns) / int(sys.argv[2]):.1f}")
