// A client that sends what it likes and sees every frame, for what no decent client would do.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "http/client.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

class RawSocket {
 public:
  struct Frame {
    int opcode = -1;  // -1: the connection has ended.
    std::string payload;

    std::uint16_t close_code() const {
      if (opcode != kClose || payload.size() < 2) return 0;
      return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8U |
                                        static_cast<unsigned char>(payload[1]));
    }
  };
  enum Opcode { kText = 1, kClose = 8, kPing = 9, kPong = 10 };

  static awaitable<RawSocket> connect(std::uint16_t port) {
    const Executor executor = co_await net::this_coro::executor;
    TcpSocket socket(executor);
    const tcp::endpoint server(net::ip::address_v4::loopback(), port);
    co_await socket.async_connect(server, use_awaitable);
    co_return RawSocket(std::move(socket));
  }

  static std::string upgrade_request(const std::string& path) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }

  // Connects and becomes a WebSocket; `first`: bytes sent in one piece with the request.
  static awaitable<RawSocket> upgrade(std::uint16_t port, std::string first = {}) {
    RawSocket socket = co_await connect(port);
    co_await socket.send(upgrade_request("/ws") + first);
    const std::string head = co_await socket.read_head();
    if (!head.starts_with("HTTP/1.1 101 ")) throw std::runtime_error(head);
    co_return socket;
  }

  awaitable<void> send(std::string bytes) {
    co_await net::async_write(socket_, net::buffer(bytes), use_awaitable);
  }

  // Up to the empty line.
  awaitable<std::string> read_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string next = co_await read_bytes(1);
      if (next.empty()) break;
      head += next;
    }
    co_return head;
  }

  awaitable<Frame> read_frame() {
    const std::string start = co_await read_bytes(2);
    Frame frame;
    if (start.size() < 2) co_return frame;
    std::size_t size = static_cast<unsigned char>(start[1]) & 0x7FU;
    if (size >= 126) {
      const std::size_t width = size == 126 ? 2 : 8;
      const std::string longer = co_await read_bytes(width);
      size = 0;
      for (const char byte : longer) size = size << 8U | static_cast<unsigned char>(byte);
    }
    frame.opcode = static_cast<unsigned char>(start[0]) & 0x0FU;
    frame.payload = co_await read_bytes(size);
    co_return frame;
  }

  // Fewer than `count` at the end of the connection.
  awaitable<std::string> read_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    const auto [error, got] =
        co_await net::async_read(socket_, net::buffer(bytes), net::as_tuple(use_awaitable));
    static_cast<void>(error);
    bytes.resize(got);
    co_return bytes;
  }

  awaitable<bool> at_end() {
    const std::string byte = co_await read_bytes(1);
    co_return byte.empty();
  }

  void end_sending() { socket_.shutdown(tcp::socket::shutdown_send); }

 private:
  explicit RawSocket(TcpSocket socket) : socket_(std::move(socket)) {}
  TcpSocket socket_;
};

}  // namespace seendr::http
