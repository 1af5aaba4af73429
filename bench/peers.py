# SPDX-License-Identifier: MIT
"""What Python's own runtimes take for what bench_runtimes measures, in ns an operation.

Usage: peers.py asyncio-yield|asyncio-lock|threading-hand-over|executor-submit COUNT
"""
import asyncio
import concurrent.futures
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


def executor_submit(count):
    with concurrent.futures.ThreadPoolExecutor(PLAYER_COUNT) as pool:
        for _ in range(count // BATCH_SIZE):
            for future in [pool.submit(int) for _ in range(BATCH_SIZE)]:
                future.result()


peers = {
    "asyncio-yield": lambda count: asyncio.run(run_tasks(asyncio_yield, count // PLAYER_COUNT)),
    "asyncio-lock": lambda count: asyncio.run(run_tasks(asyncio_lock(), count // PLAYER_COUNT)),
    "threading-hand-over": threading_hand_over,
    "executor-submit": executor_submit,
}

if len(sys.argv) != 3 or sys.argv[1] not in peers:
    sys.exit(f"usage: peers.py {'|'.join(peers)} COUNT")

begin_ns = time.monotonic_ns()
peers[sys.argv[1]](int(sys.argv[2]))
print(f"{(time.monotonic_ns() - begin_ns) / int(sys.argv[2]):.1f}")
