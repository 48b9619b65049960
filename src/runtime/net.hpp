// The Asio names we use, spelt once. Everything runs on one kind of executor, an io_context's:
// cheaper to compile and to run than any_io_executor.
#pragma once

#include "runtime/asio.hpp"

namespace seendr {

namespace net = boost::asio;

using Executor = net::io_context::executor_type;

template <class T = void>
using awaitable = net::awaitable<T, Executor>;

inline constexpr net::use_awaitable_t<Executor> use_awaitable;

using tcp = net::ip::tcp;
using Acceptor = net::basic_socket_acceptor<tcp, Executor>;
using TcpSocket = net::basic_stream_socket<tcp, Executor>;
using StreamSocket =
    net::basic_stream_socket<net::generic::stream_protocol, Executor>;  // TCP or unix.
using Resolver = net::ip::basic_resolver<tcp, Executor>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace seendr
