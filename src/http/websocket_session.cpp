#include "http/websocket_session.hpp"

#include <algorithm>

#include "http/ascii.hpp"

namespace seendr::http {

namespace {

// While nothing arrives a pending read holds this much; most messages fit, so they need one read.
constexpr std::size_t kFirstRead = 240;
constexpr std::size_t kLargestRead = 16 * 1024;
constexpr std::size_t kReasonLimit = 123;  // What a control frame holds beside the code.

std::string cut_utf8(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  text.resize(limit);
  return text;
}

}  // namespace

WebSocketSession::WebSocketSession(ServerState& server, Transport transport, const Request& request,
                                   std::string subprotocol)
    : server_(&server),
      stream_(std::move(transport), server.options.websocket.message_limit_bytes),
      remote_address_(request.remote_address),
      request_id_(request.request_id),
      subprotocol_(std::move(subprotocol)) {}

awaitable<bool> WebSocketSession::open(Request request) {
  Headers headers{{"X-Request-Id", request_id_}};
  if (!subprotocol_.empty()) headers.add("Sec-WebSocket-Protocol", subprotocol_);
  const WebSocketOptions& options = server_->options.websocket;
  server_->deadlines.set(*this, server_->deadlines.now_ms() + options.pong_timeout.count());
  pinged_ms_ = server_->deadlines.now_ms();  // A handshake nobody takes ends like a lost pong.
  const error_code error = co_await stream_.accept(request, headers);
  if (error) {
    end(error);
    co_return false;
  }
  heard();
  stream_.on_heartbeat([this] { heard(); });
  server_->live.push_back(*this);
  // Sockets that came together after a restart must not ping together for ever.
  const std::int64_t half = options.ping_interval.count() / 2;
  const std::uint64_t spread = static_cast<std::uint64_t>(std::max<std::int64_t>(half, 1));
  const std::int64_t first = half + static_cast<std::int64_t>(server_->env.random.below(spread));
  heard_ms_ += first - options.ping_interval.count();
  server_->deadlines.set(*this, heard_ms_ + options.ping_interval.count());
  co_return true;
}

awaitable<std::optional<std::string>> WebSocketSession::read() {
  const auto self = shared_from_this();
  std::string message;
  while (!has_ended_) {
    const std::size_t have = message.size();
    const std::size_t room =
        have == 0 ? kFirstRead : std::clamp<std::size_t>(have, 1024, kLargestRead);
    message.resize(have + room);
    error_code error;
    const std::size_t count =
        co_await stream_.read_some(net::buffer(message.data() + have, room), error);
    message.resize(have + count);
    if (error) {
      end(error);
      break;
    }
    heard();
    if (stream_.is_binary() && is_open()) close(close_code::unsupported_data, "text only");
    if (!is_open()) message.clear();  // Read on only for the peer's part of the close.
    if (is_open() && stream_.is_message_done()) co_return message;
  }
  co_return std::nullopt;
}

void WebSocketSession::send(std::string text, Priority priority) {
  if (!is_open()) return;
  queued_bytes_ += text.size();
  queue_.push_back({std::move(text), priority});
  shed();
  pump();
}

void WebSocketSession::shed() {
  const std::size_t limit = server_->options.websocket.queue_limit_bytes;
  auto at = queue_.end();
  while (queued_bytes_ > limit && at != queue_.begin()) {
    --at;
    const bool in_flight = is_writing_ && at == queue_.begin();
    if (in_flight || at->priority == Priority::normal) continue;
    queued_bytes_ -= at->text.size();
    at = queue_.erase(at);
  }
  if (queued_bytes_ <= limit) return;
  // Nobody waits for these any more; the one in flight belongs to the kernel.
  while (queue_.size() > (is_writing_ ? 1U : 0U)) {
    queued_bytes_ -= queue_.back().text.size();
    queue_.pop_back();
  }
  close(close_code::slow_consumer, "slow consumer");
}

void WebSocketSession::pump() {
  if (is_writing_ || has_ended_ || is_close_sent_) return;
  const auto self = shared_from_this();
  if (!queue_.empty()) {
    is_writing_ = true;
    stream_.write(queue_.front().text, false, [self](const error_code& error) {
      self->is_writing_ = false;
      self->queued_bytes_ -= self->queue_.front().text.size();
      self->queue_.pop_front();
      if (!error) self->pump();  // A broken connection is noticed by the read.
    });
  } else if (is_ours_) {
    is_close_sent_ = true;
    stream_.close(code_, reason_, [self](const error_code&) { self->end({}); });
  }
}

void WebSocketSession::close(std::uint16_t code, std::string reason) {
  const bool is_theirs = stream_.peer_close().first != 0;  // The read is about to tell.
  if (!is_open() || is_theirs) return;
  code_ = code;
  reason_ = cut_utf8(std::move(reason), kReasonLimit);
  is_ours_ = true;
  const WebSocketOptions& options = server_->options.websocket;
  server_->deadlines.set(*this, server_->deadlines.now_ms() + options.close_timeout.count());
  pump();
}

void WebSocketSession::heard() {
  if (has_ended_) return;
  heard_ms_ = server_->deadlines.now_ms();
  pinged_ms_ = 0;
}

void WebSocketSession::ping(std::int64_t now_ms) {
  pinged_ms_ = now_ms;
  server_->deadlines.set(*this, now_ms + server_->options.websocket.pong_timeout.count());
  if (is_pinging_) return;  // The one before is still stuck behind a full socket.
  is_pinging_ = true;
  const auto self = shared_from_this();
  stream_.ping([self](const error_code&) { self->is_pinging_ = false; });
}

void WebSocketSession::expire(std::int64_t now_ms) {
  const WebSocketOptions& options = server_->options.websocket;
  if (!is_open()) return cut();
  if (pinged_ms_ != 0) return close(close_code::no_pong, "no pong");
  const std::int64_t due = heard_ms_ + options.ping_interval.count();
  if (due > now_ms) return server_->deadlines.set(*this, due);
  ping(now_ms);
}

awaitable<void> WebSocketSession::finish() {
  close(close_code::normal, {});
  while (!has_ended_) {
    co_await read();
  }
}

void WebSocketSession::cut() {
  const auto self = shared_from_this();
  end(net::error::connection_aborted);
}

void WebSocketSession::end(const error_code& error) {
  if (has_ended_) return;
  has_ended_ = true;
  if (code_ == 0) {
    code_ = stream_.peer_close().first;
    if (code_ == 0) code_ = violation_code(error);
    if (code_ == 0) code_ = close_code::abnormal;
  }
  stream_.on_heartbeat({});
  stream_.transport().close();
  server_->deadlines.clear(*this);
  if (Live::is_linked()) Live::unlink();
  server_ = nullptr;
}

UpgradeDecision UpgradeDecision::accept(std::string subprotocol, std::any context) {
  return UpgradeDecision{std::nullopt, std::move(subprotocol), std::move(context)};
}

UpgradeDecision UpgradeDecision::refuse(Response response) {
  return UpgradeDecision{std::move(response), {}, {}};
}

std::vector<std::string> offered_subprotocols(const Request& request) {
  std::vector<std::string> out;
  for (const auto& [name, value] : request.headers) {
    if (!same_word(name, "Sec-WebSocket-Protocol")) continue;
    for (const std::string_view item : split_list(value, ',')) out.emplace_back(item);
  }
  return out;
}

}  // namespace seendr::http
