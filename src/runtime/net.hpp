// The Asio names we use, spelt once. Everything runs on one kind of executor, an io_context's:
// cheaper to compile and to run than any_io_executor.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

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
