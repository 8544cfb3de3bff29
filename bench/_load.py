"""Load: wrk where it is installed, and a small generator of our own for requests that are each different."""

import asyncio
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 16
_UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Load:
    """The responses and latencies of a stretch of load."""

    per_second: float
    p50_s: float
    p99_s: float
    refused: int
    """Answers other than 2xx; a figure with any is worth nothing."""


def reads(port: int, path: str, seconds: int, header: str = "") -> Load:
    """GET the same *path* over 16 connections, with one more *header*."""
    if shutil.which("wrk") is None:
        more = f"{header}\r\n" if header else ""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()
        return each(port, iter(lambda: request, b""), seconds)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *(("-H", header) if header else ())]
    command.append(f"http://127.0.0.1:{port}{path}")
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if rate is None:
        raise RuntimeError(f"wrk said nothing that could be read:\n{text}")
    return Load(float(rate[1]), _percentile(text, 50), _percentile(text, 99), int(refused[1]) if refused else 0)


def each(port: int, requests: Iterator[bytes], seconds: float) -> Load:
    """Send whole *requests*, each different, over 16 connections."""
    return asyncio.run(_each(port, requests, seconds))


async def _each(port: int, requests: Iterator[bytes], seconds: float) -> Load:
    took: list[float] = []
    refused = 0
    began = time.perf_counter()

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (sent := time.perf_counter()) < began + seconds:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            took.append(time.perf_counter() - sent)
            refused += not head.startswith(b"HTTP/1.1 2")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    return Load(len(took) / elapsed, cuts[49], cuts[98], refused)


def _percentile(text: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found[1]) * _UNITS_S[found[2]] if found else float("nan")
