# Listens and never accepts: once its queue is full, the kernel leaves every further SYN unanswered.
# Prints the port when a caller of its own has met that silence; ends with its standard input.
import socket
import sys

host = sys.argv[1]
family = socket.AF_INET6 if ':' in host else socket.AF_INET
listener = socket.socket(family, socket.SOCK_STREAM)
listener.bind((host, 0))
listener.listen(0)
port = listener.getsockname()[1]
held = []
while len(held) < 50:
    caller = socket.socket(family, socket.SOCK_STREAM)
    caller.settimeout(0.3)
    held.append(caller)
    try:
        caller.connect((host, port))
    except TimeoutError:
        print(port, flush=True)
        break
sys.stdin.read()
