#!/bin/sh
# Runs PostgreSQL for an orchestrator, and takes it along when it goes:
#   run-postgres.sh [--disposable FOLDER] POSTGRES ARGUMENT...
# SIGTERM would make PostgreSQL wait for its clients; here it means a fast shutdown (PostgreSQL's SIGINT).
# With --disposable the server stops when standard input closes, which the death of the caller does too, and FOLDER is removed.

disposable=
if [ "$1" = --disposable ]; then
    disposable=$2
    shift 2
fi

# Where the kernel can tell a process that its parent died, the server learns of a killed script at once;
# elsewhere the next start stops it.
with_parent=
if setpriv --pdeathsig INT true 2>/dev/null; then
    with_parent="setpriv --pdeathsig INT"
fi

# PostgreSQL has no limit of its own on what one session takes. With this one a statement that asks for more than a sixth of the machine's
# memory, and than 1.5 GiB, fails by itself and leaves the others alone. Where the kernel has no such limit, there is none.
limit=$(awk '/^MemTotal:/ { print int($2 / 6) }' /proc/meminfo 2>/dev/null)
if [ "${limit:-0}" -gt 0 ]; then
    [ "$limit" -gt 1572864 ] || limit=1572864
    ulimit -v "$limit" 2>/dev/null
fi

$with_parent "$@" </dev/null &
server=$!

# Asked until it is gone: a server that has just been started may not hear the first signal.
stop() {
    while kill -INT $server 2>/dev/null; do sleep 0.2; done
}
trap 'stop &' TERM INT HUP

if [ -n "$disposable" ]; then
    exec 3<&0
    { cat <&3 >/dev/null; stop; } 2>/dev/null &
    watch=$!
fi

# A trapped signal ends `wait` early, the server's end ends it for good.
wait $server
status=$?
while kill -0 $server 2>/dev/null; do
    wait $server
    status=$?
done

if [ -n "$disposable" ]; then
    kill $watch 2>/dev/null
    rm -rf "$disposable"
fi
exit $status
