#!/usr/bin/env python3
"""Files of an SFTP server (a real OpenSSH): listed, told apart, fetched and read as those of a folder are.

usage: sftp_files.py LEAT [DATA_FOLDER]
"""
import gzip
import os
import signal
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, Project, wait_for  # noqa: E402
from s3_server import free_port  # noqa: E402
from sftp_server import PasswordServer, SftpServer, make_key  # noqa: E402
from tcp_gate import TcpGate  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


def project(server, tables, *, folder="in", host_key=None, port=None, login=None, sftp="", connection="", settings="", path=None):
    made = Project(LEAT)
    login = login or f"private_key_file: {server.key}"
    known = f"host_key: '{host_key or server.host_key}'" if host_key != "" else ""
    made.write({"leat.yml": "version: 1\nname: shop\n" + settings,
                "connections.yml": "connections:\n  partner:\n    type: csv\n"
                                   f"    path: {path or f'sftp://127.0.0.1:{port or server.port}{server.data}/{folder}'}\n{connection}"
                                   f"    sftp:\n      user: {server.user}\n      {login}\n      {known}\n{sftp}",
                "sources/shop.yml": "connection: partner\ntables:\n" + tables})
    return made


def failing(made, *, code, names=()):
    done = made.run("run", expect=None)
    text = done.stdout + done.stderr
    return done.returncode != 0 and code in text and all(name in text for name in names), text


def step(made, *arguments):
    return made.json("run", *arguments)["steps"][0]


def count(made):
    return int(made.one("select count(*) from raw_shop.t")[0])


def a_ledger(cases, server):
    at = f"sftp://127.0.0.1:{server.port}{server.data}/in"
    server.put("in/o_1.csv", "id,state\n1,new\n2,new\n", modified=1_700_000_000)
    server.put("in/o_2.csv.gz", gzip.compress(b"id,state\n3,new\n"))
    server.put("in/deeper/o_9.csv", "id,state\n9,hidden\n")
    server.put("in/.o_7.csv", "id,state\n7,hidden\n")
    server.put("in/o_8.csv.part", "id,state\n8,hidden\n")
    server.put("in/o_0.csv", "")
    made = project(server, "  - { name: t, files: 'o_*', structured: false, on_change: replace }\n")
    made.run("run")
    cases.check("files of the folder are rows, with their addresses",
                made.rows("select id, state, _source_file from raw_shop.t order by id"),
                [["1", "new", f"{at}/o_1.csv"], ["2", "new", f"{at}/o_1.csv"], ["3", "new", f"{at}/o_2.csv.gz"]])
    cases.check("nothing new: nothing is read", step(made)["status"], "skipped")
    server.put("in/o_1.csv", "id,state\n1,new\n2,new\n", modified=1_700_000_100)
    cases.check("written again with the same content: nothing is read", step(made)["status"], "skipped")
    server.put("in/o_3.csv", "id,state\n1,new\n2,new\n")
    made.run("run")
    cases.check("the same content under another name brings no rows", count(made), 3)
    server.put("in/o_1.csv", "id,state\n1,paid\n2,paid\n4,new\n", modified=1_700_000_200)
    made.run("run")
    cases.check("a changed file replaces its rows", made.rows("select id, state from raw_shop.t order by id"),
                [["1", "paid"], ["2", "paid"], ["3", "new"], ["4", "new"]])
    os.remove(os.path.join(server.data, "in/o_2.csv.gz"))
    cases.check("a file that went away takes no rows with it", [made.run("run").returncode, count(made)], [0, 4])
    made.run("replay", "--file", f"{at}/o_2.csv.gz")
    made.run("run")
    cases.check("read again from the archive", count(made), 4)
    left = [name for _, _, names in os.walk(os.path.join(made.folder, ".leat", "spool")) for name in names]
    cases.check("no copy is left behind", left, [])
    text = made.run("doctor", expect=None).stdout
    cases.true("doctor finds nothing wrong with it", "SRC-" not in text and "IO-4" not in text, text)
    made.remove()


def names(cases, server):
    odd = ["with space.csv", "quote'd \"twice\".csv", "größe-数据.csv", "a#b%20c?.csv", "semi;colon&more.csv", "{braces}.csv"]
    for number, name in enumerate(odd):
        server.put("odd/" + name, f"id\n{number}\n")
    os.symlink("with space.csv", os.path.join(server.data, "odd/link.csv"))
    os.symlink("nowhere.csv", os.path.join(server.data, "odd/dangling.csv"))
    os.symlink(".", os.path.join(server.data, "odd/folder.csv"))
    made = project(server, "  - { name: t, files: '*.csv', structured: false, on_duplicate: load }\n", folder="odd")
    made.run("run")
    got = made.rows("select id, _source_file from raw_shop.t order by id, _source_file")
    at = f"sftp://127.0.0.1:{server.port}{server.data}/odd/"
    expected = sorted([[str(number), at + name] for number, name in enumerate(odd)] + [["0", at + "link.csv"]])
    cases.check("any name, and what a link leads to; what leads nowhere or to a folder is left out", got, expected)
    cases.check("and all of them are known again", step(made)["status"], "skipped")
    made.remove()
    server.put("deep/2025/x/d_2026-11-01.csv", "id\n1\n")
    server.put("deep/2026/x/d_2026-11-02.csv", "id\n2\n")
    server.put("deep/2026/y/d_2026-13-02.csv", "id\n3\n")
    server.put("deep/2026/x/d_2026-11-02.csv.ok", "")
    made = project(server, "  - { name: t, files: '20*/?/d_{yyyy-MM-dd}.csv', structured: false }\n", folder="deep/")
    made.run("run")
    cases.check("patterns in folders, and days of the calendar", made.rows("select id from raw_shop.t order by id"), [["1"], ["2"]])
    made.remove()
    made = project(server, "  - { name: t, files: '20*/?/d_{yyyy-MM-dd}.csv', structured: false, done_file: '{name}.ok' }\n", folder="deep")
    made.run("run")
    cases.check("a file waits for its marker", made.rows("select id from raw_shop.t"), [["2"]])
    made.remove()
    made = project(server, "  - { name: t, files: 'd_2026-11-01.csv', structured: false }\n", path=f"sftp://127.0.0.1:{server.port}/~/deep/2025/x")
    made.run("run")
    cases.check("a folder below that of the login", made.rows("select id, _source_file from raw_shop.t"),
                [["1", f"sftp://127.0.0.1:{server.port}/~/deep/2025/x/d_2026-11-01.csv"]])
    made.remove()


def who_is_there(cases, server):
    server.put("who/a.csv", "id\n1\n")
    table = "  - { name: t, files: '*.csv', structured: false }\n"

    def good(name, **options):
        made = project(server, table, folder="who", **options)
        made.run("run")
        cases.check(name, count(made), 1)
        made.remove()

    def bad(name, code, shown, **options):
        made = project(server, table, folder="who", **options)
        cases.true(name, *failing(made, code=code, names=shown))
        cases.true(name + ": and nothing of it is there", made.run("sql", "-c", "select * from raw_shop.t", expect=None).returncode != 0)
        made.remove()

    bad("a host key that nobody knows is refused, with its fingerprint", "IO-408", [server.host_key, "host_key:"], host_key="")
    bad("another host key is refused", "IO-409", [server.host_key, "changed"], host_key="SHA256:" + "A" * 43)
    good("the fingerprint of another of the server's keys", host_key=server.host_keys["ecdsa"])
    good("the fingerprint of its RSA key", host_key=server.host_keys["rsa"])
    good("while a new key takes over there are two", host_key="", sftp=f"      host_key: ['SHA256:{'A' * 43}', '{server.host_key}']\n")
    known = os.path.join(server.folder, "known_hosts")
    with open(os.path.join(server.folder, "host_ecdsa.pub"), encoding="utf-8") as public:
        line = f"[127.0.0.1]:{server.port} " + " ".join(public.read().split()[:2]) + "\n"
    with open(known, "w", encoding="utf-8") as out:
        out.write(line)
    good("a file of known hosts", host_key="", sftp=f"      known_hosts: {known}\n")
    bad("a file of known hosts that is not there", "IO-408", [server.host_key], host_key="", sftp=f"      known_hosts: {known}.none\n")
    other = make_key(os.path.join(server.folder, "other_host"), "ecdsa")
    with open(other + ".pub", encoding="utf-8") as public, open(known, "w", encoding="utf-8") as out:
        out.write(f"[127.0.0.1]:{server.port} " + " ".join(public.read().split()[:2]) + "\n")
    bad("a file that knows another key of the host", "IO-409", ["known_hosts"], host_key="", sftp=f"      known_hosts: {known}\n")
    bad("what is no fingerprint", "SRC-380", ["connections.yml:", "ssh-keygen"], host_key="aa:bb:cc")
    stranger = make_key(os.path.join(server.folder, "stranger"))
    bad("a key that the server does not take", "IO-410", [server.user, "publickey"], login=f"private_key_file: {stranger}")
    bad("a password where keys are wanted", "IO-410", ["publickey"], login="password: '${env:PARTNER_SECRET}'")
    bad("a key that is not there", "IO-414", ["nowhere/key"], login="private_key_file: nowhere/key")
    bad("a key that wants its passphrase", "IO-414", ["passphrase"], login=f"private_key_file: {server.locked_key}")
    good("a key and its passphrase", login=f"private_key_file: {server.locked_key}", sftp="      passphrase: open sesame\n")
    good("an RSA key", login=f"private_key_file: {server.rsa_key}")
    with open(server.key, encoding="utf-8") as file:
        os.environ["PARTNER_KEY"] = file.read()
    good("a key out of the environment", login="private_key: '${env:PARTNER_KEY}'")
    bad("nothing to log in with", "SRC-380", ["connections.yml:", "password:"], login="known_hosts: x")
    bad("no server", "IO-407", ["127.0.0.1"], port=free_port())
    bad("an address with a user", "IO-406", ["user:"], path=f"sftp://me:pass@127.0.0.1:{server.port}/x")
    old = server.host_key
    server.stop_listening()
    server.make_host_keys()
    server.start()
    bad("a host key that changed", "IO-409", [server.host_key], host_key=old)


def closed_doors(cases, server):
    server.put("doors/orders.csv", "id\n1\n")
    server.put("doors/shut/a.csv", "id\n1\n")
    table = "  - {{ name: t, files: '{}', structured: false }}\n"
    made = project(server, table.format("order.csv"), folder="doors")
    cases.true("no such file, and the nearest name", *failing(made, code="SRC-201", names=["doors/order.csv", "orders.csv"]))
    made.remove()
    made = project(server, table.format("*.csv"), folder="nowhere")
    cases.true("no such folder", *failing(made, code="SRC-202", names=["nowhere"]))
    text = made.run("doctor", expect=None).stdout
    cases.true("doctor says so", "SRC-202" in text and "nowhere" in text, text)
    made.remove()
    os.chmod(os.path.join(server.data, "doors/orders.csv"), 0)
    made = project(server, table.format("*.csv"), folder="doors")
    cases.true("a file that may not be read", *failing(made, code="IO-411", names=["doors/orders.csv"]))
    made.remove()
    os.chmod(os.path.join(server.data, "doors/shut"), 0)
    made = project(server, table.format("*.csv"), folder="doors/shut")
    cases.true("a folder that may not be listed", *failing(made, code="IO-411", names=["doors/shut"]))
    cases.check("one that cannot be looked at does not keep what is there from being seen", made.run("check", expect=None).returncode, 0)
    made.remove()


def wires(cases, server):
    """What happens between here and there."""
    lines = "".join(f"{i},{i * 7919 % 1000003}\n" for i in range(600_000))
    server.put("large/big.csv", "id,x\n" + lines)
    size = os.path.getsize(os.path.join(server.data, "large/big.csv"))
    table = "  - { name: t, files: '*.csv', structured: false }\n"
    gate = TcpGate(server.port, cut_after=2_000_000)
    made = project(server, table, folder="large", port=gate.port)
    made.run("run")
    cases.check("what is cut off goes on where it was", made.one("select count(*), sum(id), sum(x) from raw_shop.t"),
                ["600000", str(sum(range(600_000))), str(sum(i * 7919 % 1000003 for i in range(600_000)))])
    cases.true(f"it was cut off {gate.cuts} times, and {gate.received} bytes came for {size}", gate.cuts >= 3 and gate.received < 2 * size)
    made.remove()
    gate.stop()

    gate = TcpGate(server.port, silent_after=1_000_000, on_silence=lambda: setattr(gate, "silent_after", None))
    made = project(server, table, folder="large", port=gate.port, sftp="      timeout: 2s\n")
    made.run("run")
    cases.check("a server that says nothing is asked again", [count(made), gate.connections >= 2], [600_000, True])
    made.remove()
    gate.stop()

    grown = threading.Event()

    def grow():
        with open(os.path.join(server.data, "large/big.csv"), "a", encoding="utf-8") as out:
            out.write("600000,1\n")
        gate.silent_after = None
        grown.set()

    gate = TcpGate(server.port, silent_after=1_000_000, on_silence=grow)
    made = project(server, table, folder="large", port=gate.port, sftp="      timeout: 2s\n")
    cases.true("a file that grows while it is read is not taken", *failing(made, code="SRC-205", names=["big.csv"]))
    cases.true("it did grow", grown.is_set())
    made.run("run")
    cases.check("it is once it is complete", count(made), 600_001)
    made.remove()
    gate.stop()

    reached = threading.Event()
    gate = TcpGate(server.port, silent_after=1_000_000, on_silence=reached.set)
    made = project(server, table, folder="large", port=gate.port, sftp="      timeout: 60s\n")
    process = made.start("run")
    cases.true("the transfer stands still", reached.wait(60))
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    cases.true("a cancel ends it within 5 s", process.returncode == 130 and time.monotonic() - begin < 5, (process.returncode, time.monotonic() - begin))
    gate.silent_after = None
    made.run("run")
    cases.check("the next run reads it", count(made), 600_001)
    made.remove()
    gate.stop()


def clean_up(cases, server):
    for name in ("o_1.csv", "sub/o_2.csv"):
        server.put("clean/" + name, f"id\n{name[-5]}\n")
        server.put("clean/" + name + ".ok", "")
    server.put("clean/o_3.csv", "id\n3\n")
    server.put("linked/x.csv", "id\n44\n")
    os.symlink("../linked/x.csv", os.path.join(server.data, "clean/o_4.csv"))
    server.put("clean/o_4.csv.ok", "")
    at = f"sftp://127.0.0.1:{server.port}{server.data}/clean"
    made = project(server, f"  - {{ name: t, files: ['o_*.csv', '*/*.csv'], structured: false, after_load: move, move_to: '{at}/done', done_file: '{{name}}.ok' }}\n",
                   folder="clean", connection="    budget: { connections: 1 }\n")
    made.run("run", expect=None, LEAT_FAULT="run.published=crash")
    cases.check("killed before it: all is where it was", len(server.names("clean")), 7)
    made.run("run", expect=None, LEAT_FAULT="files.aside=crash")
    cases.check("killed in the middle: one lies aside", [name for name in server.names("clean") if "leat-taken" in name], [".leat-taken.o_1.csv"])
    reason = step(made)["reason"]
    cases.check("the next run sees to it, each once, and with its marker", server.names("clean"),
                ["done/o_1.csv", "done/sub/o_2.csv", "o_3.csv", "o_4.csv", "o_4.csv.ok"])
    cases.true("and says so, and what is a link", "2 files moved" in reason and "1 file left" in reason and "it is a link" in reason, reason)
    server.put("clean/o_1.csv", "id\n11\n")
    server.put("clean/o_1.csv.ok", "")
    made.run("run")
    cases.check("the same name again stands beside it", [name for name in server.names("clean") if "o_1" in name] + [count(made)],
                ["done/o_1.csv", "done/o_1~2.csv", 4])
    server.put("clean/o_3.csv.ok", "")
    process, go = made.paused("files.aside", "run", "--output", "json")
    with open(os.path.join(server.data, "clean/.leat-taken.o_3.csv"), "a", encoding="utf-8") as out:
        out.write("33\n")
    go()
    out, _ = process.communicate(timeout=120)
    cases.true("what is written to meanwhile goes back", "it changed since it was loaded" in out and "o_3.csv" in server.names("clean"), out)
    made.run("run")
    cases.check("and is read by the next run", [count(made), [name for name in server.names("clean") if "o_3" in name]], [7, ["done/o_3.csv"]])
    made.remove()

    server.put("gone/o_1.csv", "id\n1\n")
    made = project(server, "  - { name: t, files: 'o_*.csv', structured: false, after_load: delete }\n", folder="gone")
    made.run("run")
    cases.check("deleted, since a copy is kept", server.names("gone"), [])
    server.put("gone/o_2.csv", "id\n2\n")
    os.chmod(os.path.join(server.data, "gone"), 0o555)
    reason = step(made)["reason"]
    cases.true("what may not be deleted stays, and the run says so", "1 file left" in reason and "does not allow" in reason and count(made) == 2, reason)
    os.chmod(os.path.join(server.data, "gone"), 0o755)
    made.run("replay", "--file", f"sftp://127.0.0.1:{server.port}{server.data}/gone/o_1.csv")
    cases.check("read again from the kept copy; and the other one goes now", [count(made), server.names("gone")], [2, []])
    made.remove()

    server.put("moved/o_1.csv", "id\n1\n")
    at = f"sftp://127.0.0.1:{server.port}{server.data}"
    made = project(server, f"  - {{ name: t, files: 'o_*.csv', structured: false, after_load: move, move_to: '{at}/elsewhere/deep' }}\n", folder="moved", settings="archive: false\n")
    made.run("run")
    cases.check("into a folder that is made", [server.names("moved"), server.names("elsewhere")], [[], ["deep/o_1.csv"]])
    made.run("replay", "--file", f"{at}/moved/o_1.csv")
    cases.check("read again from where it was moved to", made.rows("select id, _source_file from raw_shop.t"), [["1", f"{at}/moved/o_1.csv"]])
    made.remove()
    for name, more, shown in (("another server", f"after_load: move, move_to: 'sftp://127.0.0.1:9{server.data}/x'", "move_to: sftp://"),
                              ("a lock", "lock: .lock", "lock")):
        made = project(server, f"  - {{ name: t, files: 'o_*.csv', structured: false, {more} }}\n", folder="moved")
        cases.true(f"{name} is refused", *failing(made, code="RUN-551", names=[shown]))
        made.remove()


def many(cases, server):
    for i in range(1000):
        server.put(f"many/p_{i:04}.csv", f"id\n{i}\n")
    gate = TcpGate(server.port)
    made = project(server, "  - { name: t, files: 'p_*.csv', structured: false }\n", folder="many", port=gate.port,
                   connection="    budget: { connections: 3 }\n", settings="archive: false\n")
    process = made.start("run")
    wait_for("files to come", lambda: gate.received > 300_000 or process.poll() is not None)
    process.kill()
    process.communicate()
    cases.true("killed in the middle: nothing is seen", made.run("sql", "-c", "select * from raw_shop.t", expect=None).returncode != 0)
    made.run("run")
    cases.check("a thousand files, each once", made.one("select count(*), sum(id) from raw_shop.t"), ["1000", str(sum(range(1000)))])
    cases.true(f"never more connections than the budget has (at most {gate.at_once} at once)", 1 <= gate.at_once <= 3, gate.at_once)
    server.put("many/p_9999.csv", "id\n50005\n")
    cases.check("one more is one file", [step(made)["status"], count(made)], ["success", 1001])
    at = f"sftp://127.0.0.1:{gate.port}{server.data}/many/p_9999.csv"
    made.run("replay", "--file", at)
    made.run("run")
    cases.check("read again from the server, where nothing is kept", made.one("select count(*), count(*) filter (id = 50005) from raw_shop.t"), ["1001", "1"])
    made.remove()
    gate.stop()
    gate = TcpGate(server.port)
    made = project(server, "  - { name: t, files: 'p_00*.csv', structured: false }\n", folder="many", port=gate.port, connection="    budget: { connections: 1 }\n")
    made.run("run")
    cases.check("with one connection", [count(made), gate.at_once], [100, 1])
    made.remove()
    gate.stop()


def passwords(cases):
    if not PasswordServer.possible():
        print("skipped passwords: they need root and mount namespaces")
        return
    with PasswordServer() as server:
        server.put("in/a.csv", "id\n1\n")
        os.chmod(server.data, 0o755)
        os.environ["PARTNER_SECRET"] = server.password
        table = "  - { name: t, files: '*.csv', structured: false }\n"
        made = project(server, table, login="password: '${env:PARTNER_SECRET}'")
        made.run("run")
        cases.check("a password", count(made), 1)
        made.remove()
        os.environ["PARTNER_SECRET"] = "battery staple"
        made = project(server, table, login="password: '${env:PARTNER_SECRET}'")
        held, text = failing(made, code="IO-410", names=["password", "guest"])
        cases.true("a wrong password, which is not shown", held and "battery staple" not in text, text)
        made.remove()


def main():
    cases = Cases()
    os.environ["PARTNER_SECRET"] = "anything"
    with SftpServer() as server:
        for part in (a_ledger, names, closed_doors, clean_up, wires, many, who_is_there):
            part(cases, server)
    passwords(cases)
    cases.finish()


main()
