"""Serves `python -m sigstore ...` from a process that has imported it once: each call is a fork of this one.

Usage: warm.py SOCKET. Prints `ready` when it can be asked. ask.py tells what a call consists of.
"""

import gc
import os
import runpy
import signal
import socket
import sys

import sigstore._cli  # noqa: F401  The import is what takes the time.


def call(connection: socket.socket) -> None:
    message, streams, _, _ = socket.recv_fds(connection, 1 << 16, 2)
    while part := connection.recv(1 << 16):
        message += part
    folder, *arguments = message.decode().split("\0")
    os.chdir(folder)
    os.dup2(streams[0], 1)
    os.dup2(streams[1], 2)
    connection.sendall(str(run(arguments)).encode())


def run(arguments: list[str]) -> int:
    """What the interpreter does with these arguments, and with the end of what it ran."""
    try:
        if arguments[:2] != ["-m", "sigstore"]:
            sys.exit(f"only `-m sigstore` is served here, not {arguments}")
        sys.argv = arguments[1:]
        runpy.run_module("sigstore", run_name="__main__", alter_sys=True)
        return 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def main(path: str) -> None:
    # Nobody waits for the forks.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(16)
        gc.freeze()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                try:
                    call(connection)
                finally:
                    os._exit(0)
            connection.close()


main(sys.argv[1])
