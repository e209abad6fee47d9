"""What a server listens with."""

from __future__ import annotations

import socket

from tokgen.server.running import listening


def test_no_part_of_an_answer_waits_for_the_one_before():
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
