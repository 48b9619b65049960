#include "http/client.hpp"

#include <array>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/transport.hpp"
#include "http/websocket.hpp"
#include "http/ws_stream.hpp"

namespace seendr::http {

namespace beast = boost::beast::http;

namespace {

constexpr std::size_t kAnswerReadBytes = 8192;
constexpr std::size_t kMessageLimit = 16 * 1024 * 1024;

std::string authority(const ClientTarget& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

awaitable<tcp::endpoint> resolve(ClientTarget target) {
  error_code error;
  const net::ip::address address = net::ip::make_address(target.host, error);
  if (!error) co_return tcp::endpoint(address, target.port);
  const Executor executor = co_await net::this_coro::executor;
  Resolver resolver(executor);
  const std::string port = std::to_string(target.port);
  const auto found = co_await resolver.async_resolve(target.host, port, use_awaitable);
  co_return found.begin()->endpoint();
}

awaitable<Transport> open_transport(ClientTarget target) {
  const tcp::endpoint endpoint = co_await resolve(target);
  const Executor executor = co_await net::this_coro::executor;
  TcpSocket socket(executor, endpoint.protocol());
  if (!target.source_address.empty()) {
    // The port is chosen at connect(), when the whole four-tuple is known: far more of them fit.
    using BindAddressOnly =
        net::detail::socket_option::integer<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;
    socket.set_option(BindAddressOnly(1));
    socket.bind(tcp::endpoint(net::ip::make_address(target.source_address), 0));
  }
  co_await socket.async_connect(endpoint, use_awaitable);
  Transport transport(std::move(socket), target.tls);
  const error_code error = co_await transport.handshake_as_client();
  if (error) throw system_error(error, "TLS handshake");
  co_return transport;
}

awaitable<void> write_all(Transport& transport, std::string bytes) {
  co_await net::async_write(transport, net::buffer(bytes), use_awaitable);
}

// Completes when an operation of WsStream calls its Done; throws what it reports.
template <class Start>
awaitable<void> completion(Start& start) {
  auto initiate = [&start](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start([shared](const error_code& error) { (*shared)(error); });
  };
  awaitable<void> done =
      net::async_initiate<const net::use_awaitable_t<Executor>, void(error_code)>(
          std::move(initiate), use_awaitable);
  co_await std::move(done);
}

}  // namespace

struct Client::State {
  State(ClientTarget t, Transport stream) : target(std::move(t)), transport(std::move(stream)) {}
  ClientTarget target;
  Transport transport;
  std::string input;
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

awaitable<Client> Client::connect(ClientTarget target) {
  Transport transport = co_await open_transport(target);
  co_return Client(std::make_unique<State>(std::move(target), std::move(transport)));
}

awaitable<ClientResponse> Client::request(std::string method, std::string target, Headers headers,
                                          std::string body) {
  std::string bytes = method + " " + target + " HTTP/1.1\r\n";
  if (!headers.has("Host")) headers.add("Host", authority(state_->target));
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    headers.set("Content-Length", std::to_string(body.size()));
  }
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  bytes += "\r\n" + body;
  co_await send_raw(std::move(bytes));
  co_return co_await read_response(method == "HEAD");
}

awaitable<ClientResponse> Client::get(std::string target) {
  co_return co_await request(std::string("GET"), std::move(target), Headers(), std::string());
}

awaitable<void> Client::send_raw(std::string bytes) {
  co_await write_all(state_->transport, std::move(bytes));
}

awaitable<ClientResponse> Client::read_response(bool to_head) {
  beast::response_parser<beast::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(to_head);
  parser.eager(true);
  std::string& input = state_->input;
  while (!parser.is_done()) {
    error_code error;
    if (!input.empty()) {
      input.erase(0, parser.put(net::buffer(input), error));
      if (error && error != beast::error::need_more) throw system_error(error, "response");
      if (parser.is_done()) break;
    }
    const std::size_t have = input.size();
    input.resize(have + kAnswerReadBytes);
    const auto [failed, count] = co_await state_->transport.async_read_some(
        net::buffer(input.data() + have, kAnswerReadBytes), net::as_tuple(use_awaitable));
    input.resize(have + count);
    if (!failed) continue;
    if (parser.got_some()) parser.put_eof(error);
    if (error || !parser.is_done()) throw system_error(failed, "response");
  }
  const auto& message = parser.get();
  ClientResponse response{
      static_cast<int>(message.result_int()), {}, message.body(), parser.keep_alive()};
  for (const auto& field : message) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  co_return response;
}

awaitable<bool> Client::at_end() {
  if (!state_->input.empty()) co_return false;
  std::array<char, 1> byte{};
  const auto [error, count] =
      co_await state_->transport.async_read_some(net::buffer(byte), net::as_tuple(use_awaitable));
  state_->input.append(byte.data(), count);
  co_return count == 0 && error;
}

void Client::close() {
  state_->transport.close();
}

void Client::reset() {
  state_->transport.reset();
}

struct WebSocketClient::State {
  explicit State(Transport transport) : stream(std::move(transport), kMessageLimit) {}
  WsStream stream;
};

WebSocketClient::WebSocketClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebSocketClient::~WebSocketClient() = default;

awaitable<WebSocketClient::Outcome> WebSocketClient::connect(ClientTarget target, std::string path,
                                                             Headers headers,
                                                             std::string subprotocol) {
  Transport transport = co_await open_transport(target);
  auto state = std::make_unique<State>(std::move(transport));
  if (!subprotocol.empty()) headers.add("Sec-WebSocket-Protocol", subprotocol);
  Outcome outcome;
  const error_code error =
      co_await state->stream.connect(authority(target), path, std::move(headers), outcome.response);
  if (!error) {
    outcome.socket.reset(new WebSocketClient(std::move(state)));
  } else if (outcome.response.status < 200) {
    throw system_error(error, "WebSocket handshake");
  }
  co_return outcome;
}

awaitable<WebSocketClient::Message> WebSocketClient::read() {
  constexpr std::size_t kFirst = 256;
  Message message;
  std::string text;
  for (;;) {
    const std::size_t have = text.size();
    const std::size_t room = have == 0 ? kFirst : std::min<std::size_t>(have + 1024, 65536);
    text.resize(have + room);
    error_code error;
    const std::size_t count =
        co_await state_->stream.read_some(net::buffer(text.data() + have, room), error);
    text.resize(have + count);
    if (error) break;
    if (!state_->stream.is_message_done()) continue;
    message.text = std::move(text);
    co_return message;
  }
  std::tie(message.close_code, message.close_reason) = state_->stream.peer_close();
  if (message.close_code == 0) message.close_code = close_code::abnormal;
  co_return message;
}

awaitable<void> WebSocketClient::send(std::string text) {
  auto start = [&](WsStream::Done done) {
    state_->stream.write(text, false, std::move(done));
  };
  co_await completion(start);
}

awaitable<void> WebSocketClient::send_binary(std::string bytes) {
  auto start = [&](WsStream::Done done) {
    state_->stream.write(bytes, true, std::move(done));
  };
  co_await completion(start);
}

awaitable<void> WebSocketClient::send_ping() {
  auto start = [&](WsStream::Done done) {
    state_->stream.ping(std::move(done));
  };
  co_await completion(start);
}

awaitable<void> WebSocketClient::send_raw(std::string bytes) {
  co_await write_all(state_->stream.transport(), std::move(bytes));
}

awaitable<void> WebSocketClient::close(std::uint16_t code) {
  auto start = [&](WsStream::Done done) {
    state_->stream.close(code, {}, std::move(done));
  };
  co_await completion(start);
}

void WebSocketClient::cut() {
  state_->stream.transport().close();
}

void WebSocketClient::reset() {
  state_->stream.transport().reset();
}

std::string make_client_frame(unsigned char first_byte, std::string_view payload) {
  constexpr std::array<unsigned char, 4> kMask{0x12, 0x34, 0x56, 0x78};
  constexpr std::size_t kShort = 126;
  std::string frame(1, static_cast<char>(first_byte));
  const auto put = [&frame](std::size_t value) {
    frame.push_back(static_cast<char>(value & 0xFFU));
  };
  if (payload.size() < kShort) {
    put(0x80U | payload.size());
  } else {
    const bool is_long = payload.size() > 0xFFFF;
    put(0x80U | (is_long ? 127U : kShort));
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) put(payload.size() >> shift);
  }
  for (const unsigned char byte : kMask) put(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    put(static_cast<unsigned char>(payload[i]) ^ kMask[i % kMask.size()]);
  }
  return frame;
}

}  // namespace seendr::http
