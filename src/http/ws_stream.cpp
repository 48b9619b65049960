#include "http/ws_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/websocket.hpp"

namespace seendr::http {

namespace ws = boost::beast::websocket;
namespace beast = boost::beast::http;

struct WsStream::State {
  explicit State(Transport transport) : stream(std::move(transport)) {}

  ws::stream<Transport, false> stream;
  std::function<void()> heartbeat;
  bool peer_closed = false;
};

WsStream::WsStream(Transport transport, std::size_t message_limit_bytes)
    : state_(std::make_unique<State>(std::move(transport))) {
  auto& stream = state_->stream;
  stream.read_message_max(message_limit_bytes);
  stream.auto_fragment(false);
  stream.text(true);
  stream.secure_prng(false);  // Masks of a client need not be secret towards its own user.
  State* state = state_.get();
  stream.control_callback([state](ws::frame_type kind, boost::beast::string_view) {
    if (kind == ws::frame_type::close) {
      state->peer_closed = true;
    } else if (state->heartbeat) {
      state->heartbeat();
    }
  });
}

WsStream::~WsStream() = default;

awaitable<error_code> WsStream::accept(const Request& request, Headers headers) {
  beast::request<beast::empty_body> upgrade;
  upgrade.method(beast::verb::get);
  upgrade.target(request.target);
  upgrade.version(11);
  for (const auto& [name, value] : request.headers) upgrade.insert(name, value);
  state_->stream.set_option(
      ws::stream_base::decorator([headers = std::move(headers)](ws::response_type& response) {
        for (const auto& [name, value] : headers) response.set(name, value);
      }));
  const auto [error] = co_await state_->stream.async_accept(upgrade, net::as_tuple(use_awaitable));
  state_->stream.set_option(ws::stream_base::decorator([](ws::response_type&) {}));
  co_return error;
}

awaitable<error_code> WsStream::connect(std::string host, std::string target, Headers headers,
                                        ClientResponse& response) {
  state_->stream.set_option(
      ws::stream_base::decorator([headers = std::move(headers)](ws::request_type& request) {
        for (const auto& [name, value] : headers) request.set(name, value);
      }));
  ws::response_type answer;
  const auto [error] =
      co_await state_->stream.async_handshake(answer, host, target, net::as_tuple(use_awaitable));
  response.status = answer.result_int();
  for (const auto& field : answer) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = answer.body();
  co_return error;
}

awaitable<std::size_t> WsStream::read_some(net::mutable_buffer into, error_code& error) {
  return state_->stream.async_read_some(into, net::redirect_error(use_awaitable, error));
}

bool WsStream::is_message_done() const {
  return state_->stream.is_message_done();
}

bool WsStream::is_binary() const {
  return state_->stream.got_binary();
}

void WsStream::write(const std::string& message, bool binary, Done done) {
  state_->stream.binary(binary);
  state_->stream.async_write(
      net::buffer(message),
      [done = std::move(done)](error_code error, std::size_t) { done(error); });
}

void WsStream::ping(Done done) {
  state_->stream.async_ping({}, std::move(done));
}

void WsStream::close(std::uint16_t code, const std::string& reason, Done done) {
  state_->stream.async_close(ws::close_reason(static_cast<ws::close_code>(code), reason),
                             std::move(done));
}

std::pair<std::uint16_t, std::string> WsStream::peer_close() const {
  if (!state_->peer_closed) return {0, {}};
  const ws::close_reason& reason = state_->stream.reason();
  constexpr std::uint16_t kNoCode = 1005;
  return {reason.code == 0 ? kNoCode : reason.code,
          std::string(reason.reason.data(), reason.reason.size())};
}

void WsStream::on_heartbeat(std::function<void()> call) {
  state_->heartbeat = std::move(call);
}

Transport& WsStream::transport() {
  return state_->stream.next_layer();
}

std::uint16_t violation_code(const error_code& error) {
  if (error == ws::error::message_too_big || error == ws::error::buffer_overflow) {
    return close_code::too_big;
  }
  if (error == ws::error::bad_frame_payload) return close_code::invalid_utf8;
  return error == ws::condition::protocol_violation ? close_code::protocol_error : 0;
}

}  // namespace seendr::http
