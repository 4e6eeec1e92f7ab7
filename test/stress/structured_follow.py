#!/usr/bin/env python3
"""A structured copy that follows its raw table has, after whatever happened to it, the rows of one that is made anew.

usage: structured_follow.py LEAT        (LEAT_STRESS_SEED, LEAT_STRESS_STEPS: another seed or number)
Random loads, deletes by key, new columns, changed checks and rollbacks; after each run the copy is made anew on an environment and
both are compared by content hash; so are the rejected rows. The seed is printed: a failure is repeated with it.
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402

COPY, ASSET = "structured_shop.orders", "structured.shop.orders"


class Shop:
    def __init__(self, leat, seed):
        self.random = random.Random(seed)
        self.project = Project(leat)
        self.files = self.next_id = 0
        self.columns = ["id", "amount"]
        self.least = 0
        self.runs = []
        self.project.write({"leat.yml": "version: 1\nname: follow\ndefaults: { max_reject: 100% }\n",
                            "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n"})
        self.describe()
        self.orders()
        self.delete()

    def describe(self):
        self.project.write({"sources/shop.yml": f"""connection: inbound
tables:
  - name: orders
    files: 'orders_*.csv'
    structured:
      columns: [{{ name: amount, checks: [{{ range: {{ min: {self.least}, on_fail: quarantine }} }}] }}]
  - {{ name: gone, files: 'gone_*.csv', mode: delete, into: orders, primary_key: [id] }}
"""})

    def orders(self):
        self.files += 1
        lines = [",".join(self.columns)]
        for _ in range(self.random.randint(1, 30)):
            self.next_id += 1
            lines.append(",".join([str(self.next_id), str(self.random.randint(-3, 50))] + ["x"] * (len(self.columns) - 2)))
        self.project.write({f"in/orders_{self.files:03}.csv": "\n".join(lines) + "\n"})

    def delete(self):
        self.files += 1
        keys = self.random.sample(range(1, self.next_id + 5), min(3, self.next_id))
        self.project.write({f"in/gone_{self.files:03}.csv": "id\n" + "".join(f"{key}\n" for key in keys)})

    def change(self):
        """What happens before the next run; mostly new rows."""
        kind = self.random.choices(["orders", "two", "delete", "column", "check", "rollback"], [60, 15, 8, 6, 6, 5])[0]
        if kind in ("orders", "two", "column"):
            if kind == "column":
                self.columns.append(f"note_{len(self.columns)}")
            self.orders()
            if kind == "two":  # two loads of the raw table between two of the copy
                self.project.run("run", "--select", "source:shop.orders,zone:raw")
                self.orders()
        elif kind == "delete":
            self.delete()
        elif kind == "check":
            self.least = self.random.randint(-2, 3)
            self.describe()
        elif self.runs:
            self.project.run("lake", "rollback", "--run", self.runs.pop())
        return kind

    def run(self):
        result = self.project.json("run")
        if result["commit"] is not None:
            self.runs.append(result["run_id"])
        return next(step for step in result["steps"] if step["asset"] == ASSET)

    def hash(self, ref):
        return self.project.json("lake", "content-hash", COPY, "--ref", ref)[0]["hash"]

    def rebuilt(self, number):
        """Content hash of the copy made anew, and its step."""
        name = f"check{number}"
        self.project.run("env", "create", name)
        result = self.project.json("run", "--target", f"env/{name}", "--select", ASSET, "--force")
        step = next(step for step in result["steps"] if step["asset"] == ASSET)
        found = self.hash(f"env/{name}"), step
        self.project.run("env", "drop", name)
        return found


def main():
    seed = int(os.environ.get("LEAT_STRESS_SEED") or random.SystemRandom().randrange(10**6))
    steps = int(os.environ.get("LEAT_STRESS_STEPS") or 25)
    print(f"        seed {seed}", flush=True)
    cases, shop = Cases(), Shop(sys.argv[1], seed)
    shop.run()
    followed, kinds, wrong = 0, [], []
    for number in range(steps):
        kinds.append(shop.change())
        step = shop.run()
        followed += "follows" in step["reason"]
        here = shop.hash("main")
        anew, rebuilt = shop.rebuilt(number)
        if here != anew or rebuilt["rows_in"] != rebuilt["rows_out"] + rebuilt["rows_rejected"] + rebuilt["rows_filtered"]:
            wrong.append((number, kinds[-1], step["reason"]))
    cases.true(f"{steps} changes ({len(set(kinds))} kinds): the copy is always what it would be made anew", not wrong, (seed, wrong))
    cases.true("most of them by new rows alone", followed >= steps // 3, (seed, followed, kinds))
    balance = shop.project.one("select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered")
    cases.check("every ledger row balances", balance, ["0"])
    shop.project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
