// channels_recv, channels_echo, channels_send, channel_send: both channel layers.
#include <deque>
#include <memory>

#include "channels/layer.hpp"
#include "channels/pubsub_layer.hpp"
#include "runtime/task_group.hpp"

#include "interop/peer.hpp"

namespace seendr::peer {

namespace {

using channels::Message;
using OnMessage = channels::Layer::OnMessage;

// What the two layers have in common.
class Side {
 public:
  virtual ~Side() = default;
  virtual awaitable<std::string> open() = 0;  // A new channel.
  virtual awaitable<void> join(std::string group, std::string channel) = 0;
  virtual awaitable<channels::SendResult> group_send(std::string group, Message message) = 0;
  virtual awaitable<bool> send(std::string channel, Message message) = 0;  // False: full.
  virtual awaitable<void> run(OnMessage on_message) = 0;
  virtual awaitable<void> close() = 0;
};

class Core final : public Side {
 public:
  explicit Core(Peer& peer)
      : blocking_(peer.env, peer.redis.executor(), peer.redis.options()),
        layer_(peer.env, peer.redis, blocking_, options(peer.flags)),
        tasks_(peer.redis.executor(), [](const std::string&, std::exception_ptr) {}) {}

  awaitable<std::string> open() override { co_return layer_.new_channel(); }
  awaitable<void> join(std::string group, std::string channel) override {
    if (!channels::valid_group(group)) throw PythonError("TypeError");
    co_await layer_.group_add(std::move(group), std::move(channel));
  }
  awaitable<channels::SendResult> group_send(std::string group, Message message) override {
    if (!channels::valid_group(group)) throw PythonError("TypeError");
    co_return co_await layer_.group_send(std::move(group), std::move(message));
  }
  awaitable<bool> send(std::string channel, Message message) override {
    if (!channels::valid_channel(channel)) throw PythonError("TypeError");
    co_return co_await layer_.send(std::move(channel), std::move(message));
  }
  awaitable<void> run(OnMessage on_message) override {
    tasks_.spawn("blocking", blocking_.run());
    co_await layer_.run(std::move(on_message));
  }
  awaitable<void> close() override {
    co_await layer_.close();
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  static channels::LayerOptions options(const Flags& flags) {
    channels::LayerOptions options;
    options.prefix = flags.prefix;
    options.capacity = flags.capacity;
    options.expiry = std::chrono::seconds(60);  // As channels_redis'.
    return options;
  }

  redis::Client blocking_;
  channels::Layer layer_;
  TaskGroup tasks_;
};

class PubSub final : public Side {
 public:
  explicit PubSub(Peer& peer)
      : layer_(peer.env, peer.redis, peer.redis.options(), options(peer.flags)) {}

  awaitable<std::string> open() override { co_return co_await layer_.new_channel(); }
  awaitable<void> join(std::string group, std::string channel) override {
    co_await layer_.group_add(std::move(group), std::move(channel));
  }
  awaitable<channels::SendResult> group_send(std::string group, Message message) override {
    channels::SendResult sent;
    sent.members = co_await layer_.group_send(std::move(group), std::move(message));
    co_return sent;
  }
  awaitable<bool> send(std::string channel, Message message) override {
    co_await layer_.send(std::move(channel), std::move(message));
    co_return true;
  }
  awaitable<void> run(OnMessage on_message) override { co_await layer_.run(std::move(on_message)); }
  awaitable<void> close() override { co_return; }

 private:
  static channels::PubSubOptions options(const Flags& flags) {
    channels::PubSubOptions options;
    options.prefix = flags.prefix;
    return options;
  }

  channels::PubSubLayer layer_;
};

std::unique_ptr<Side> make_side(Peer& peer) {
  if (peer.flags.layer == "pubsub") return std::make_unique<PubSub>(peer);
  return std::make_unique<Core>(peer);
}

// Messages as they arrive, for a coroutine that takes one after the other.
class Arrivals {
 public:
  explicit Arrivals(const Executor& executor) : changed_(executor) {}

  void put(const Message& message) {
    waiting_.push_back(message);
    changed_.cancel();
  }

  // nullopt when none came before the deadline.
  awaitable<std::optional<Message>> take(Timer::time_point deadline) {
    while (waiting_.empty()) {
      changed_.expires_at(deadline);
      const auto [interrupted] = co_await changed_.async_wait(net::as_tuple(use_awaitable));
      if (!interrupted) co_return std::nullopt;
    }
    Message first = std::move(waiting_.front());
    waiting_.pop_front();
    co_return first;
  }

 private:
  std::deque<Message> waiting_;
  Timer changed_;
};

Timer::time_point deadline_of(const Flags& flags) {
  const double seconds = std::stod(flags.timeout.value_or("10"));
  return std::chrono::steady_clock::now() + Millis(static_cast<std::int64_t>(seconds * 1000));
}

awaitable<std::size_t> take_messages(Peer& peer, Side& side, Arrivals& arrivals, bool echo) {
  const Timer::time_point deadline = deadline_of(peer.flags);
  std::size_t received = 0;
  while (received < peer.flags.count) {
    std::optional<Message> message = co_await arrivals.take(deadline);
    if (!message) break;
    ++received;
    print({{"message", without_bytes(*message)}});
    if (!echo || !message->contains("reply_channel")) continue;
    const Json n = message->value("n", Json(received));
    Message answer{{"type", "probe.pong"}, {"n", n}};
    const std::string reply_to = message->at("reply_channel").get<std::string>();
    const bool sent = co_await side.send(reply_to, std::move(answer));
    if (!sent) throw PythonError("ChannelFull", Json{{"channel", reply_to}});
  }
  co_return received;
}

awaitable<int> receive(Peer& peer, std::string group, bool echo) {
  const std::unique_ptr<Side> side = make_side(peer);
  Arrivals arrivals(peer.redis.executor());
  TaskGroup tasks(peer.redis.executor(), [](const std::string&, std::exception_ptr) {});
  OnMessage on_message = [&arrivals](const std::string&, const Message& message) {
    arrivals.put(message);
  };
  tasks.spawn("layer", side->run(std::move(on_message)));
  std::exception_ptr failure;
  try {
    const std::string channel = co_await side->open();
    co_await side->join(group, channel);
    print({{"ready", true}, {"channel", channel}, {"group", group}});
    const std::size_t received = co_await take_messages(peer, *side, arrivals, echo);
    print({{"received", received}});
  } catch (...) {
    failure = std::current_exception();
  }
  tasks.cancel();
  co_await tasks.join();
  co_await side->close();
  if (failure) std::rethrow_exception(failure);
  co_return 0;
}

awaitable<int> channels_recv(Peer& peer, Words arguments) {
  co_return co_await receive(peer, arguments[0], false);
}

awaitable<int> channels_echo(Peer& peer, Words arguments) {
  co_return co_await receive(peer, arguments[0], true);
}

Message parse_message(const std::string& text) {
  Message message = with_bytes(parse(text));
  if (!message.is_object() || message.contains("__asgi_channel__")) {
    throw PythonError("AssertionError");
  }
  return message;
}

awaitable<int> channels_send(Peer& peer, Words arguments) {
  const Message message = parse_message(arguments[1]);
  const std::unique_ptr<Side> side = make_side(peer);
  const channels::SendResult sent = co_await side->group_send(arguments[0], message);
  print({{"sent", without_bytes(message)}, {"members", sent.members}, {"full", sent.full}});
  co_return 0;
}

awaitable<int> channel_send(Peer& peer, Words arguments) {
  const Message message = parse_message(arguments[1]);
  const std::unique_ptr<Side> side = make_side(peer);
  const bool sent = co_await side->send(arguments[0], message);
  if (!sent) throw PythonError("ChannelFull", Json{{"channel", arguments[0]}});
  print({{"sent", without_bytes(message)}});
  co_return 0;
}

}  // namespace

std::vector<Command> channel_commands() {
  return {{"channels_recv", "GROUP", 1, 1, channels_recv},
          {"channels_echo", "GROUP", 1, 1, channels_echo},
          {"channels_send", "GROUP JSON", 2, 2, channels_send},
          {"channel_send", "CHANNEL JSON", 2, 2, channel_send}};
}

}  // namespace seendr::peer
