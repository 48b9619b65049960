#include "channels/layer.hpp"

#include <cassert>
#include <utility>

#include "channels/deliver.lua.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/check.hpp"
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"

namespace seendr::channels {

namespace {

constexpr Millis kLook{1000};  // The inbox is looked at this often, unasked.
// While Redis is away; its client waits between its attempts, too.
constexpr BackoffOptions kReadAgain{Millis(50), Millis(250)};
constexpr std::size_t kTake = 128;   // Messages read at once.
constexpr std::size_t kBatch = 512;  // Commands sent together about memberships.

std::string random_name(Random& random) {
  return to_hex(bytes(random_bytes(random, 16)));
}

}  // namespace

Layer::Layer(const Env& env, redis::Client& commands, redis::Client& reading, LayerOptions options)
    : env_(env),
      commands_(commands),
      reading_(reading),
      options_(std::move(options)),
      deliver_(kDeliverLua),
      inbox_("specific." + random_name(env.random) + "!"),
      joined_at_(env.clock.now()),
      sent_(env.metrics.counter("seendr_channels_sent_total", "Messages put into an inbox.")),
      full_(
          env.metrics.counter("seendr_channels_full_total", "Messages an inbox had no room for.")),
      received_(env.metrics.counter("seendr_channels_received_total", "Messages taken out.")),
      unreadable_(env.metrics.counter("seendr_channels_unreadable_total",
                                      "Messages that were not in the format of the layer.")),
      look_(reading.executor()),
      changes_(env, reading, redis::Writers::others, redis::look_again([this] { wake(); })) {}

std::string Layer::new_channel() {
  return channel(random_name(env_.random));
}

std::string Layer::channel(std::string_view receiver) const {
  return inbox_ + std::string(receiver);
}

std::string Layer::key(std::string_view channel) const {
  return options_.prefix + std::string(inbox_of(channel));
}

std::string Layer::group_key(const std::string& group) const {
  assert(valid_group(group));
  return options_.prefix + ":group:" + group;
}

double Layer::now() const {
  return static_cast<double>(env_.clock.wall_ms()) / 1000.0;
}

awaitable<void> Layer::group_add(std::string group, std::string channel) {
  memberships_[group].insert(channel);
  const std::string key = group_key(group);
  redis::Pipeline commands;
  commands.add(redis::Command("ZADD", key, now(), channel));
  commands.add(redis::Command("EXPIRE", key, options_.group_expiry.count()));
  const std::vector<redis::Reply> replies = co_await commands_.exec(std::move(commands));
  redis::throw_if_error(replies);
}

awaitable<void> Layer::group_discard(std::string group, std::string channel) {
  const auto found = memberships_.find(group);
  if (found != memberships_.end()) {
    found->second.erase(channel);
    if (found->second.empty()) memberships_.erase(found);
  }
  redis::Command remove("ZREM", group_key(group), channel);
  co_await commands_.exec(std::move(remove));
}

awaitable<std::vector<std::string>> Layer::members(std::string group) {
  redis::Command range("ZRANGE", group_key(group), 0, -1);
  const redis::Reply reply = co_await commands_.exec(std::move(range));
  std::vector<std::string> channels;
  for (const redis::Reply& member : reply.as_array()) channels.push_back(member.text());
  co_return channels;
}

awaitable<SendResult> Layer::group_send(std::string group, Message message) {
  const std::string key_of_group = group_key(group);
  const auto oldest = static_cast<std::int64_t>(now()) - options_.group_expiry.count();
  redis::Pipeline look;
  look.add(redis::Command("ZREMRANGEBYSCORE", key_of_group, 0, oldest));
  look.add(redis::Command("ZRANGE", key_of_group, 0, -1));
  const std::vector<redis::Reply> replies = co_await commands_.exec(std::move(look));
  redis::throw_if_error(replies);

  std::map<std::string, std::vector<std::string>> by_key;
  SendResult outcome;
  for (const redis::Reply& member : replies[1].as_array()) {
    const std::string channel = member.text();
    by_key[key(channel)].push_back(channel);
    ++outcome.members;
  }
  if (by_key.empty()) co_return outcome;

  std::vector<std::string> keys;
  std::vector<std::string> arguments{std::to_string(options_.expiry.count())};
  std::vector<std::size_t> members;
  for (auto& [inbox, channels] : by_key) {
    keys.push_back(inbox);
    members.push_back(channels.size());
    arguments.push_back(std::to_string(options_.capacity));
    const Envelope envelope{message, std::move(channels)};
    arguments.push_back(encode(envelope, false, env_.random));
  }
  const std::size_t inboxes = keys.size();
  const redis::Reply full = co_await deliver_.run(commands_, std::move(keys), std::move(arguments));
  for (const redis::Reply& position : full.as_array()) {
    outcome.full += members[static_cast<std::size_t>(position.as_int()) - 1];
  }
  sent_.Increment(static_cast<double>(inboxes - full.as_array().size()));
  full_.Increment(static_cast<double>(full.as_array().size()));
  co_return outcome;
}

awaitable<bool> Layer::send(std::string channel, Message message) {
  assert(valid_channel(channel));
  Envelope envelope{std::move(message), {}};
  if (channel.find('!') != std::string::npos) envelope.channels.push_back(channel);
  std::vector<std::string> keys{key(channel)};
  std::vector<std::string> arguments{std::to_string(options_.expiry.count()),
                                     std::to_string(options_.capacity),
                                     encode(envelope, true, env_.random)};
  const redis::Reply full = co_await deliver_.run(commands_, std::move(keys), std::move(arguments));
  const bool delivered = full.as_array().empty();
  (delivered ? sent_ : full_).Increment();
  co_return delivered;
}

awaitable<void> Layer::run(OnMessage on_message) {
  TaskGroup listening(reading_.executor(),
                      [this](const std::string& name, std::exception_ptr error) {
                        env_.log.error("loop_failed", "loop", name, "error", what(error));
                      });
  listening.spawn("changes of the inbox", changes_.run());
  std::exception_ptr failure;
  try {
    co_await receive(std::move(on_message));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  listening.cancel();
  co_await listening.join();
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> Layer::receive(OnMessage on_message) {
  Backoff backoff{kReadAgain};
  for (;;) {
    std::exception_ptr failure;
    try {
      co_await receive_once(on_message);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (!failure) {
      backoff.reset();
      continue;
    }
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    env_.log.debug("channels_receive_failed", "error", what(failure));
    co_await sleep_for(backoff.next(env_.random));
  }
}

awaitable<void> Layer::receive_once(const OnMessage& on_message) {
  const bool due = env_.clock.now() - joined_at_ >= options_.rejoin;
  if (due || joined_on_ != commands_.connections()) {
    co_await rejoin();
  }
  changed_ = false;
  co_await take(on_message);
  if (handed_out_.empty()) {
    co_await wait_for_change();
  }
}

// Reads what is in the inbox and hands it out. It stays there until the next call removes it, in
// front of its own read: so nothing is lost with a reply, and nothing is read twice. A new
// connection on the way, of which Redis would not tell changes, counts as one.
awaitable<void> Layer::take(const OnMessage& on_message) {
  const std::string inbox = key(inbox_);
  redis::Pipeline commands;
  const redis::Invalidations::Armed armed = changes_.arm(commands);
  if (!handed_out_.empty()) {
    redis::Command remove("ZREM", inbox);
    remove.args(handed_out_).repeatable();
    commands.add(std::move(remove));
  }
  commands.add("ZRANGE", inbox, 0, kTake - 1);
  std::vector<redis::Reply> replies = co_await reading_.exec(std::move(commands));
  if (armed.added) {
    changes_.answered(armed, replies.front());
    replies.erase(replies.begin());
  }
  redis::throw_if_error(replies);

  handed_out_.clear();
  for (const redis::Reply& message : replies.back().as_array()) {
    handed_out_.push_back(message.text());
    dispatch(handed_out_.back(), on_message);
  }
}

void Layer::wake() {
  changed_ = true;
  look_.cancel();
}

awaitable<void> Layer::wait_for_change() {
  const bool must_rejoin = joined_on_ != commands_.connections();
  if (changed_ || must_rejoin) co_return;
  look_.expires_after(commands_.connected() ? kLook : kReadAgain.limit);
  co_await look_.async_wait(net::as_tuple(use_awaitable));
  const net::cancellation_state cancellation = co_await net::this_coro::cancellation_state;
  if (cancellation.cancelled() != net::cancellation_type::none) {
    throw system_error(net::error::operation_aborted);
  }
}

void Layer::dispatch(const std::string& bytes, const OnMessage& on_message) {
  const std::optional<Envelope> envelope = decode(bytes);
  if (!envelope) {
    unreadable_.Increment();
    env_.log.warn("channels_unreadable_message", "bytes", bytes.size());
    return;
  }
  received_.Increment();
  for (const std::string& channel : envelope->channels) on_message(channel, envelope->message);
}

// Writes every membership of this process again: renews its score, and puts back what Redis lost.
awaitable<void> Layer::rejoin() {
  const std::uint64_t connection = commands_.connections();
  auto next = memberships_.begin();
  while (next != memberships_.end()) {
    redis::Pipeline batch;
    std::string last;
    for (; next != memberships_.end() && batch.size() < kBatch; ++next) {
      last = next->first;
      const std::string key = group_key(last);
      redis::Command add("ZADD", key);
      for (const std::string& channel : next->second) add.arg(now()).arg(channel);
      batch.add(std::move(add));
      batch.add(redis::Command("EXPIRE", key, options_.group_expiry.count()));
    }
    const std::vector<redis::Reply> replies = co_await commands_.exec(std::move(batch));
    redis::throw_if_error(replies);
    next = memberships_.upper_bound(last);  // Others may have joined and left meanwhile.
  }
  joined_on_ = connection;
  joined_at_ = env_.clock.now();
}

awaitable<void> Layer::close() {
  const Memberships left = std::exchange(memberships_, Memberships());
  redis::Pipeline batch;
  for (const auto& [group, channels] : left) {
    redis::Command remove("ZREM", group_key(group));
    batch.add(std::move(remove.args(channels)));
    if (batch.size() < kBatch) continue;
    redis::Pipeline full = std::exchange(batch, redis::Pipeline());
    const std::vector<redis::Reply> replies = co_await commands_.exec(std::move(full));
    redis::throw_if_error(replies);
  }
  batch.add(redis::Command("DEL", key(inbox_)));
  const std::vector<redis::Reply> replies = co_await commands_.exec(std::move(batch));
  redis::throw_if_error(replies);
}

}  // namespace seendr::channels
