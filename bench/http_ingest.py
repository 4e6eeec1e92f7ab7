#!/usr/bin/env python3
"""An API on this machine: 100 rows an answer, page after page into a published Iceberg table, with four connections; memory for ten
times as many pages.

usage: bench/http_ingest.py LEAT DATA_FOLDER WORK_FOLDER
The server (a process of its own) gives prepared answers: it costs little of what is measured, and says how much.
"""
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile

import measure

ROWS = 100
CONNECTIONS = 4


def serve(pipe, pages):
    import asyncio

    def answer(page):
        rows = [{"id": page * ROWS + i, "name": f"customer {page * ROWS + i}", "email": f"c{i}@example.com", "amount": (page * ROWS + i) / 100,
                 "open": i % 2 == 0, "updated_at": f"2026-01-{i % 28 + 1:02}T12:00:00Z", "tags": ["a", "b"]} for i in range(ROWS)]
        return json.dumps({"data": rows, "pages": pages}).encode()

    prepared = [answer(page) for page in range(200)]  # ids repeat: nothing here goes by key

    async def handle(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                number = int(head.split(b"page=", 1)[1].split(b" ", 1)[0].split(b"&", 1)[0])
                body = prepared[number % len(prepared)]
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main():
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        used = resource.getrusage(resource.RUSAGE_SELF)
        pipe.send(used.ru_utime + used.ru_stime)

    asyncio.run(main())


def load(leat, work, pages):
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, pages), daemon=True)
    server.start()
    port = ours.recv()
    folder = tempfile.mkdtemp(prefix="http-", dir=work)
    measure.write(os.path.join(folder, "leat.yml"), "version: 1\nname: api\n")
    measure.write(os.path.join(folder, "connections.yml"),
                  f"connections:\n  api: {{ type: http, url: 'http://127.0.0.1:{port}', connections: {CONNECTIONS} }}\n")
    measure.write(os.path.join(folder, "sources/api.yml"),
                  "connection: api\ntables:\n  - name: rows\n    path: /rows\n    records: $.data\n    structured: false\n"
                  "    pagination: { type: page, total: $.pages }\n")
    # A fresh process measures the child, so that an earlier one's peak does not count.
    script = "import sys; sys.path.insert(0, sys.argv[1]); import measure; s, mb, _ = measure.run([sys.argv[2], 'run'], sys.argv[3]); print(s, mb)"
    out = measure.run([sys.executable, "-c", script, os.path.dirname(os.path.abspath(__file__)), leat, folder])[2]
    seconds, megabytes = (float(word) for word in out.split())
    count = int(measure.rows(leat, folder, "select count(*) from raw_api.rows")[0][0])
    if count != pages * ROWS:
        sys.exit(f"{count} rows came of {pages * ROWS}")
    ours.send("end")
    used = ours.recv()
    server.join()
    shutil.rmtree(folder)
    return seconds, megabytes, used


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[3])
    figures = measure.Figures(f"HTTP: {ROWS} rows a page, {CONNECTIONS} connections, into a published table")
    for pages in (2_000, 20_000):
        seconds, megabytes, used = load(leat, work, pages)
        rate = pages / seconds * 60 / CONNECTIONS
        figures.add(f"{pages:,} pages ({pages * ROWS:,} rows): pages a minute and connection", f"{rate:,.0f} ({seconds:.2f} s, of which the server {used:.2f} s)", "5,000")
        figures.add(f"{pages:,} pages: peak memory", f"{megabytes:.0f} MB", "flat")
    figures.table()


if __name__ == "__main__":
    main()
