#!/usr/bin/env python3
"""leat watch: files are loaded as they come, told by the folder, by a queue of the store's events, or found by looking.

usage: arrival.py LEAT [DATA_FOLDER]
"""
import atexit
import json
import os
import signal
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from pyarrow.fs import S3FileSystem  # noqa: E402
from event_queue import EventQueue  # noqa: E402
from leat_project import Cases, Project, wait_for  # noqa: E402
from s3_server import S3Server  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


class Watch:
    """`leat watch` in the background; its output is read all along, so that it never waits for us."""

    def __init__(self, made, *options, **environment):
        self.process = made.start("watch", *options, **environment)
        atexit.register(self.process.kill)  # it would wait for files for ever
        self.lines = {"out": [], "err": []}
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            threading.Thread(target=lambda kept, text: kept.extend(text), args=(self.lines[name], stream), daemon=True).start()

    def text(self):
        return "".join(self.lines["out"] + self.lines["err"])

    def end(self, how=signal.SIGTERM):
        begin = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=60)
        return self.process.returncode, time.monotonic() - begin < 5


def count(made, table="t"):
    done = made.run("sql", "-c", f"select count(*) from raw_shop.{table}", "--output", "csv", expect=None)
    return int(done.stdout.split()[1]) if done.returncode == 0 else -1


def runs(made):
    done = made.run("sql", "-c", "select count(*) from leat.runs", "--output", "csv", expect=None)
    return int(done.stdout.split()[1]) if done.returncode == 0 else 0


def put(made, name, text):
    """As a careful writer does: beside it, then its name."""
    path = os.path.join(made.folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    hidden = os.path.join(os.path.dirname(path), ".coming." + os.path.basename(path))
    with open(hidden, "w", encoding="utf-8") as out:
        out.write(text)
    os.rename(hidden, path)


def local(tables, connection=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n",
                "connections.yml": "connections:\n  inbound:\n    type: csv\n    path: in\n" + connection,
                "sources/shop.yml": "connection: inbound\ntables:\n" + tables})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def folders(cases):
    made = local("  - { name: t, files: ['o_*.csv', '2*/*.csv'], structured: false, after_load: move, move_to: in/done }\n"
                 "  - { name: other, files: 'x/*.csv', structured: false }\n")
    put(made, "in/o_1.csv", "id\n1\n")
    put(made, "in/x/a.csv", "id\n1\n")
    watch = Watch(made, "--every", "1h")
    wait_for("what was there before", lambda: count(made) == 1 and count(made, "other") == 1)
    put(made, "in/o_2.csv", "id\n2\n")
    wait_for("a file that gets its name", lambda: count(made) == 2)
    with open(os.path.join(made.folder, "in/o_3.csv"), "w", encoding="utf-8") as out:
        out.write("id\n3\n")
    wait_for("a file that is closed", lambda: count(made) == 3)
    put(made, "in/2026/deep.csv", "id\n4\n")
    wait_for("a file in a folder that is new", lambda: count(made) == 4)
    put(made, "in/2026/more.csv", "id\n5\n")
    wait_for("and the next one there", lambda: count(made) == 5)
    steps = made.rows("select asset from leat.steps where run_id = (select max(run_id) from leat.runs)")
    cases.check("only the table whose files came is run", steps, [["source.shop.t"]])
    before = runs(made)
    put(made, "in/x/b.csv", "id\n2\n")
    wait_for("the other table", lambda: count(made, "other") == 2)
    cases.check("moves of its own are no news to it", runs(made) - before, 1)
    cases.check("loaded files were moved", sorted(os.listdir(os.path.join(made.folder, "in/done"))), ["2026", "o_1.csv", "o_2.csv", "o_3.csv"])
    cases.check("TERM ends it at once", watch.end(), (143, True))
    watch = Watch(made, "--every", "1h", "--runs", "1")
    put(made, "in/o_6.csv", "id\n6\n")
    cases.check("after so many runs it ends by itself", (watch.process.wait(timeout=60), count(made)), (0, 6))
    cases.check("no run for nothing is in the record", made.rows("select count(*) from leat.runs where status = 'nothing'"), [["0"]])
    made.remove()


def slowly(cases):
    """A writer that takes its time, and one that the watch is killed under."""
    made = local("  - { name: t, files: '*.csv', structured: false, settle: 2s, on_change: fail }\n")
    watch = Watch(made, "--every", "1h")
    with open(os.path.join(made.folder, "in/slow.csv"), "w", encoding="utf-8") as out:
        out.write("id\n")
        for i in range(12):
            out.write(f"{i}\n")
            out.flush()
            if i % 3 == 0:
                put(made, f"in/fast_{i}.csv", f"id\n{100 + i}\n")
            time.sleep(0.3)  # how a slow writer writes
    wait_for("all of it", lambda: count(made) == 16)
    cases.check("a file is read once, when it is complete", made.rows("select count(*), sum(id) from raw_shop.t"), [["16", str(66 + 418)]])
    cases.check("so says the ledger", made.rows("select status, rows from leat.files where origin = 'in/slow.csv'"), [["loaded", "12"]])
    watch.end()
    watch = Watch(made, "--every", "1h", LEAT_FAULT="publish.before=crash")
    put(made, "in/killed.csv", "id\n1000\n")
    watch.process.wait(timeout=60)
    cases.check("killed before the publish: nothing of it is seen", count(made), 16)
    watch = Watch(made, "--every", "1h", LEAT_FAULT="run.published=crash")
    watch.process.wait(timeout=60)
    watch = Watch(made, "--every", "1h")
    put(made, "in/last.csv", "id\n1001\n")
    wait_for("what came meanwhile", lambda: count(made) >= 18)
    cases.check("killed behind it too: each once", made.rows("select count(*), count(distinct id) from raw_shop.t"), [["18", "18"]])
    watch.end()
    made.remove()


def overflow(cases):
    """More happens than the kernel keeps: what it lost is found."""
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="utf-8") as file:
        most = int(file.read())
    made = local("  - { name: noisy, files: 'noise/*.csv', structured: false }\n  - { name: t, files: 'quiet/*.csv', structured: false }\n")
    put(made, "in/noise/a.csv", "id\n1\n")
    put(made, "in/quiet/a.csv", "id\n1\n")
    watch = Watch(made, "--every", "1h")
    wait_for("what was there before", lambda: count(made) == 1)
    watch.process.send_signal(signal.SIGSTOP)
    noise = [os.path.join(made.folder, "in/noise", f"{i}.tmp") for i in range(2)]
    for i in range(most + 10):
        os.close(os.open(noise[i % 2], os.O_CREAT | os.O_WRONLY, 0o600))
    put(made, "in/quiet/b.csv", "id\n2\n")
    watch.process.send_signal(signal.SIGCONT)
    wait_for("the file whose event was lost", lambda: count(made) == 2)
    cases.check("an overflow loses nothing", count(made), 2)
    watch.end()
    made.remove()


def looking(cases):
    made = local("  - { name: t, files: 'late/*.csv', structured: false }\n")
    watch = Watch(made, "--every", "1s")
    wait_for("a look in vain", lambda: "SRC-202" in watch.text())
    put(made, "in/late/a.csv", "id\n1\n")
    wait_for("a folder that was not there", lambda: count(made) == 1)
    cases.check("it goes on when a source cannot be looked at", watch.end()[1], True)
    made.remove()
    made = local("  - { name: t, files: '*.csv', structured: false }\n", connection="    arrival: { sqs: 'https://sqs.eu-west-1.amazonaws.com/1/x' }\n")
    done = made.run("watch", expect=None)
    cases.true("a queue goes with a bucket", done.returncode == 2 and "SRC-382" in done.stderr and "connections.yml:" in done.stderr, done.stderr)
    cases.check("a time that is none", made.run("watch", "--every", "soon", expect=None).returncode, 2)
    made.write({"connections.yml": "connections:\n  inbound: { type: sqlite, file: x.db }\n", "sources/shop.yml": "connection: inbound\ntables: [t]\n"})
    done = made.run("watch", expect=None)
    cases.true("no table of files", done.returncode == 2 and "SRC-383" in done.stderr, done.stderr)
    made.remove()


def queue(cases, store):
    store.make_bucket("drop")
    client = S3FileSystem(access_key=store.key, secret_key=store.secret, endpoint_override=store.url, region="us-east-1")

    def object_put(key, text):
        with client.open_output_stream("drop/" + key) as out:
            out.write(text.encode())

    with EventQueue() as events:
        made = Project(LEAT)
        made.write({"leat.yml": "version: 1\nname: shop\n",
                    "connections.yml": f"connections:\n  inbound:\n    type: csv\n    path: s3://drop/in\n    arrival: {{ sqs: '{events.url}', visibility: 3s }}\n"
                                       f"    storage: {{ endpoint: '{store.url}', access_key_id: '{store.key}', secret_access_key: '${{env:STORE_SECRET}}' }}\n",
                    "sources/shop.yml": "connection: inbound\ntables:\n  - { name: t, files: 'o*.csv', structured: false }\n"})
        events.key, events.secret = store.key, store.secret
        events.send({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "drop"})
        object_put("in/o_1.csv", "id\n1\n")
        watch = Watch(made, "--every", "1h")
        wait_for("what was there before", lambda: count(made) == 1)
        wait_for("the test message to go", lambda: events.left() == 0)
        object_put("in/o +é%.csv", "id\n2\n")
        events.object_came("drop", "in/o +é%.csv")
        wait_for("an object that the queue tells of", lambda: count(made) == 2)
        wait_for("its message to go", lambda: events.left() == 0)
        object_put("in/o_3.csv", "id\n3\n")
        for _ in range(3):
            events.object_came("drop", "in/o_3.csv")
        inner = {"Records": [{"eventName": "s3:ObjectCreated:Copy", "s3": {"bucket": {"name": "drop"}, "object": {"key": "in/o_3.csv"}}}]}
        events.send({"Type": "Notification", "Message": json.dumps(inner)})
        events.object_came("drop", "in/o_3.csv", event="ObjectRemoved:Delete")
        wait_for("messages that come twice", lambda: events.left() == 0)
        cases.check("bring nothing twice", made.rows("select count(*), count(distinct id) from raw_shop.t"), [["3", "3"]])
        events.object_came("somebody-elses", "in/o_4.csv")
        events.send("hello")
        object_put("in/o_4.csv", "id\n4\n")
        events.object_came("drop", "in/o_4.csv")
        wait_for("one among others", lambda: count(made) == 4 and events.left() == 2)
        cases.check("messages of others stay, and are told of once", [events.left(), watch.text().count("queue_of_others")], [2, 1])
        cases.check("TERM ends it in the middle of a request to the queue", watch.end(), (143, True))
        events.messages.clear()

        # The publish is what a message waits for.
        watch = Watch(made, "--every", "1h", LEAT_FAULT="run.published=crash")
        object_put("in/o_6.csv", "id\n6\n")
        events.object_came("drop", "in/o_6.csv")
        watch.process.wait(timeout=60)
        cases.check("killed behind the publish: the message is still there", events.left(), 1)
        watch = Watch(made, "--every", "1h")
        wait_for("it to come again and go", lambda: events.left() == 0)
        cases.check("and its file is loaded once", made.rows("select count(*), count(distinct id) from raw_shop.t"), [["5", "5"]])
        watch.end()
        watch = Watch(made, "--every", "1h", LEAT_FAULT="publish.before=error")
        received = events.received
        object_put("in/o_7.csv", "id\n7\n")
        events.object_came("drop", "in/o_7.csv")
        wait_for("a message whose run fails to come again", lambda: events.received >= received + 2)
        wait_for("the publish that does not fail", lambda: count(made) == 6 and events.left() == 0)
        cases.check("a message whose run failed comes again, and is taken then", [count(made), events.left()], [6, 0])
        events.failing = 2
        events.secret = "another"
        object_put("in/o_8.csv", "id\n8\n")
        wait_for("a refusal", lambda: "IO-417" in watch.text())
        events.secret = store.secret
        events.object_came("drop", "in/o_8.csv")
        wait_for("the queue to be read again", lambda: count(made) == 7 and events.left() == 0)
        cases.true("a queue that refuses or fails is asked again", "IO-418" in watch.text() or events.failing == 0, watch.text())
        watch.end()
        made.remove()


def main():
    cases = Cases()
    for part in (folders, slowly, overflow, looking):
        part(cases)
    with S3Server() as store:
        os.environ["STORE_SECRET"] = store.secret
        queue(cases, store)
    cases.finish()


main()
