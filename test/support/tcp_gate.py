"""A gate in front of a TCP server that counts, and cuts or silences what passes when a test says so."""
import socket
import threading
import time

TCP_ESTABLISHED = 1


class TcpGate:
    """Listens on `port` of 127.0.0.1. `cut_after`: bytes that one connection gets before it is cut off (None: never);
    `silent_after`: bytes after which it gets nothing more, and is left open; `on_silence` is called once then;
    `bytes_per_second`: that one connection gets at most. `connections`: how many were made, `at_once`: the most that there were at one time,
    `received`: bytes that came back."""

    def __init__(self, server_port, cut_after=None, silent_after=None, on_silence=None, bytes_per_second=None):
        self.server_port = server_port
        self.cut_after, self.silent_after, self.on_silence = cut_after, silent_after, on_silence
        self.bytes_per_second = bytes_per_second
        self.connections = self.at_once = self.received = self.cuts = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.clients, self.servers = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:  # it is down
                client.close()
                continue
            with self.lock:
                self.clients.append(client)
                self.servers.append(server)
                self.connections += 1
                self.at_once = max(self.at_once, sum(self._is_open(one) for one in self.clients))
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source, target, back):
        passed = 0
        try:
            while piece := source.recv(65536):
                if back:
                    passed += len(piece)
                    with self.lock:
                        self.received += len(piece)
                    if self.cut_after is not None and passed > self.cut_after:
                        self.cuts += 1
                        break
                    if self.silent_after is not None and passed > self.silent_after:
                        call, self.on_silence = self.on_silence, None
                        if call is not None:
                            call()
                        while source.recv(65536):
                            pass
                        break
                    if self.bytes_per_second is not None:
                        time.sleep(len(piece) / self.bytes_per_second)
                target.sendall(piece)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @staticmethod
    def _is_open(client):
        """The client has not closed it, whatever of it is still on its way."""
        try:
            return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_ESTABLISHED
        except OSError:
            return False

    def stop(self):
        self.listener.close()
        for one in self.clients + self.servers:
            one.close()
