"""Runs kazoo's recipes against the server of the first argument; prints the name of each that did what it should."""
import sys
import threading
import uuid

from kazoo.client import KazooClient
from kazoo.recipe.barrier import Barrier, DoubleBarrier
from kazoo.recipe.counter import Counter
from kazoo.recipe.election import Election
from kazoo.recipe.party import Party
from kazoo.recipe.queue import LockingQueue, Queue
from kazoo.recipe.watchers import ChildrenWatch, DataWatch

hosts, root = sys.argv[1], "/kazoo-" + uuid.uuid4().hex
clients = [KazooClient(hosts=hosts, timeout=20) for _ in range(3)]
for client in clients:
    client.start()
one, two, three = clients


def together(*works):
    """Each work in a thread of its own, to its end."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def done(name):
    print(name, flush=True)


one.create(root + "/basics", b"x", makepath=True)
assert one.get(root + "/basics")[0] == b"x" and two.exists(root + "/basics").version == 0
two.set(root + "/basics", b"y", version=0)
assert two.get_children(root) == ["basics"]
done("basics")

held, most = [], []


def work_locked(client):
    for _ in range(5):
        with client.Lock(root + "/lock"):
            held.append(1)
            most.append(len(held))
            held.pop()


together(*[lambda c=c: work_locked(c) for c in clients])
assert len(most) == 15 and max(most) == 1
done("lock")

readers = [one.ReadLock(root + "/rw"), two.ReadLock(root + "/rw")]
assert all(reader.acquire(timeout=10) for reader in readers)
writer = three.WriteLock(root + "/rw")
assert not writer.acquire(blocking=False)
for reader in readers:
    reader.release()
assert writer.acquire(timeout=10)
writer.release()
done("read lock")

semaphores = [c.Semaphore(root + "/semaphore", max_leases=2) for c in clients]
assert semaphores[0].acquire() and semaphores[1].acquire() and not semaphores[2].acquire(blocking=False)
semaphores[0].release()
assert semaphores[2].acquire(timeout=10)
semaphores[1].release(), semaphores[2].release()
done("semaphore")

leaders = []
together(*[lambda i=i, c=c: Election(c, root + "/election", str(i)).run(leaders.append, i) for i, c in enumerate(clients)])
assert sorted(leaders) == [0, 1, 2]
done("election")

queue = Queue(one, root + "/queue")
for i in range(3):
    queue.put(str(i).encode())
assert [Queue(two, root + "/queue").get() for _ in range(3)] == [b"0", b"1", b"2"]
done("queue")

locking = LockingQueue(one, root + "/locking")
locking.put_all([b"a", b"b"])
other = LockingQueue(two, root + "/locking")
assert locking.get(timeout=10) == b"a" and other.get(timeout=10) == b"b"
assert locking.consume() and other.consume() and len(locking) == 0
done("locking queue")

barrier = Barrier(one, root + "/barrier")
barrier.create()
together(lambda: two.exists(root + "/barrier") and Barrier(two, root + "/barrier").wait(10), barrier.remove)
done("barrier")

entered = []


def pass_double(client):
    double = DoubleBarrier(client, root + "/double", 3)
    double.enter()
    entered.append(1)
    double.leave()


together(*[lambda c=c: pass_double(c) for c in clients])
assert len(entered) == 3
done("double barrier")


def count(client):
    counter = Counter(client, root + "/counter")
    for _ in range(5):
        counter += 1


together(*[lambda c=c: count(c) for c in clients])
assert Counter(one, root + "/counter").value == 15
done("counter")

parties = [Party(c, root + "/party", str(i)) for i, c in enumerate(clients)]
for party in parties:
    party.join()
assert sorted(parties[0]) == ["0", "1", "2"]
parties[2].leave()
assert len(parties[1]) == 2
done("party")

shares = {}


def partition(index, client):
    partitioner = client.SetPartitioner(root + "/partitioner", set=range(6), time_boundary=0.5, identifier=str(index))
    while not partitioner.acquired:
        if partitioner.failed:
            raise Exception("lost")
        if partitioner.release:
            partitioner.release_set()
        elif partitioner.allocating:
            partitioner.wait_for_acquire(5)
    shares[index] = list(partitioner)
    together_done.wait(20)
    partitioner.finish()


together_done = threading.Barrier(2)
together(lambda: partition(0, one), lambda: partition(1, two))
assert sorted(shares[0] + shares[1]) == list(range(6))
done("partitioner")

one.create(root + "/watched", b"0")
values, children, seen = [], [], threading.Event()
DataWatch(two, root + "/watched", lambda data, stat: values.append(data))


@ChildrenWatch(two, root + "/watched")
def on_children(names):
    children.append(sorted(names))
    if len(names) == 2:
        seen.set()


one.set(root + "/watched", b"1")
one.create(root + "/watched/a")
one.create(root + "/watched/b")
assert seen.wait(10) and values[-1] == b"1" and children[-1] == ["a", "b"]
done("watchers")

transaction = one.transaction()
transaction.create(root + "/t", b"")
transaction.check(root + "/watched", 1)
transaction.set_data(root + "/t", b"x")
assert len(transaction.commit()) == 3 and one.get(root + "/t")[0] == b"x"
done("transaction")

one.delete(root, recursive=True)
for client in clients:
    client.stop()
    client.close()
