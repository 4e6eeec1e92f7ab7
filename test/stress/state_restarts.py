#!/usr/bin/env python3
"""PostgreSQL is restarted, and dies, under load: servers and runs go on by themselves, and no commit is lost or doubled.

usage: state_restarts.py LEAT        (LEAT_STRESS_RESTARTS: how often)
Clients of two servers and a run after the other commit all the time. What was acknowledged must be there, what was refused must
not, answers are those of the specification: 503 with Retry-After while there is no state, never another 5xx.
"""
import os
import random
import sys
import time

import pyarrow as pa
import requests

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
from hostile_store import missing  # noqa: E402
from leat_project import Cases, wait_for  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from s3_server import S3Server  # noqa: E402
from servers import AppendClient, Machine, PropertyClient, Publisher, check_clients, pyiceberg  # noqa: E402

RESTARTS = int(os.environ.get("LEAT_STRESS_RESTARTS") or 8)
SEED = int(os.environ.get("LEAT_STRESS_SEED") or 1)


def health(server):
    return requests.get(f"http://127.0.0.1:{server.port}/healthz", timeout=60).status_code


def away(cases, database, server, token):
    """The state is gone for longer than anybody waits: told as the specification says it, and mended without a restart."""
    database.stop("fast")
    begin = time.monotonic()
    headers = {"Authorization": f"Bearer {token}"}
    answers = [requests.get(server.url + "/v1/lake/namespaces/shared/tables/props", headers=headers, timeout=120),
               requests.post(server.url + "/v1/lake/namespaces/shared/tables/props", headers=headers, timeout=120, json={
                   "requirements": [], "updates": [{"action": "set-properties", "updates": {"away": "1"}}]}),
               requests.post(server.url + "/v1/oauth/tokens", data={"grant_type": "client_credentials", "client_id": "x",
                                                                   "client_secret": "leat_x"}, timeout=120)]
    took = time.monotonic() - begin
    cases.check("no state: 503", [answer.status_code for answer in answers], [503] * 3)
    cases.true("with Retry-After", all(answer.headers.get("Retry-After", "").isdigit() for answer in answers),
               [dict(answer.headers) for answer in answers])
    errors = [answer.json()["error"] for answer in answers[:2]]
    cases.check("and the error model", [(e["type"], e["code"]) for e in errors], [("ServiceUnavailableException", 503)] * 2)
    cases.true(f"nobody waits for ever ({took:.1f} s for three)", took < 60)
    cases.check("the server says so of itself", health(server), 503)
    database.start()
    wait_for("the server to have its state again", lambda: health(server) == 200, 15)
    status, body = server.call("GET", "/v1/lake/namespaces/shared/tables/props", token=token)
    cases.check("mended without a restart, the refused commit is not there", (status, "away" in body["metadata"]["properties"]), (200, False))


def restarts(cases, store, database, machines, token, storage):
    one, two, third = machines
    servers = [one.server, two.server]
    catalog = pyiceberg(servers, token, storage)[0]
    for name in ("props", "appends"):
        catalog.create_table(f"shared.{name}", pa.schema([pa.field("id", pa.int64())]))
    away(cases, database, one.server, token)
    clients = [PropertyClient(f"p{n}", servers, token, "shared.props") for n in range(4)]
    clients += [AppendClient(f"a{n}", servers, token, "shared.appends", storage, (n + 1) * 10**6) for n in range(2)]
    clients.append(Publisher(third.project, 1))
    for client in clients:
        client.start()
    draw, counts = random.Random(SEED), []
    for number in range(RESTARTS):
        time.sleep(draw.uniform(0.5, 2.5))
        before = sum(len(client.done) for client in clients)
        database.stop(("fast", "immediate")[number % 2])
        time.sleep(draw.choice([0, 0, 1, 3]))
        database.start()
        wait_for("commits to go on", lambda: sum(len(client.done) for client in clients) > before + 10 or
                 any(client.broken for client in clients))
        counts.append(sum(len(client.done) for client in clients))
    time.sleep(1)
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(timeout=120)
    adapters = [client.adapter for client in clients if hasattr(client, "adapter")]
    publisher = clients[-1]
    print(f"        acknowledged {counts}, of {publisher.runs} runs failed {len(publisher.failures)}, answers 503 {sum(a.refused for a in adapters)}, "
          f"answers lost {sum(a.lost for a in adapters)}, longest commit {max(client.longest for client in clients):.1f} s", flush=True)
    cases.check("no server lost a connection", sum(a.lost for a in adapters), 0)
    cases.check("both servers still run", [machine.server.process.poll() for machine in (one, two)], [None, None])
    begun = [failure for failure in publisher.failures if not failure[1].startswith("error STATE-101")]
    cases.check("only runs that found no state at their start failed", (begun[:2], {code for code, _ in publisher.failures} - {4}), ([], set()))
    cases.true("runs published between the restarts", publisher.runs - len(publisher.failures) >= RESTARTS // 2,
               (publisher.runs, len(publisher.failures)))
    check_clients(cases, "restarts", clients, catalog, third.project)
    named, gone = missing(third.project, store)
    cases.true(f"nothing that is named is missing ({named})", named > 50 and not gone, gone[:5])
    cases.check("no run is left", third.project.one("select count(*) from leat.runs where status = 'running'"), ["0"])


def main():
    cases = Cases()
    with S3Server() as store, PostgresServer() as database:
        os.environ.update(store.environment())
        storage = {"s3.access-key-id": store.key, "s3.secret-access-key": store.secret}
        machines = [Machine(sys.argv[1], database.url, "s3://lake/shop") for _ in range(3)]
        try:
            one, two = (machine.serve() for machine in machines[:2])
            one.call("POST", "/v1/lake/namespaces", {"namespace": ["shared"]}, token=one.admin)
            restarts(cases, store, database, machines, one.admin, storage)
            cases.check("SIGTERM ends both", [one.stop(), two.stop()], [0, 0])
        finally:
            for machine in machines:
                machine.close()
    cases.finish()


if __name__ == "__main__":
    main()
