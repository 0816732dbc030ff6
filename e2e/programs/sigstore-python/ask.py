"""Has warm.py run a call with this process's folder and streams, and ends as it does.

Usage: ask.py SOCKET ARGUMENT... The message is the folder and the arguments, a zero byte between any two.
"""

import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    message = "\0".join([os.getcwd(), *sys.argv[2:]]).encode()
    sent = socket.send_fds(server, [message], [1, 2])
    server.sendall(message[sent:])
    server.shutdown(socket.SHUT_WR)
    answer = server.recv(16)
sys.exit(int(answer) if answer else "the call did not end")
