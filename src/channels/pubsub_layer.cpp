#include "channels/pubsub_layer.hpp"

#include <cassert>
#include <vector>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::channels {

namespace {

redis::SubscriberEvents make_events(std::function<void(const redis::Message&)> message,
                                    Counter& gaps) {
  redis::SubscriberEvents events;
  events.message = std::move(message);
  events.subscribed = [&gaps](bool again) {
    if (again) gaps.Increment();
  };
  return events;
}

}  // namespace

PubSubLayer::PubSubLayer(const Env& env, redis::Client& commands, redis::ClientOptions listening,
                         PubSubOptions options)
    : env_(env),
      commands_(commands),
      options_(std::move(options)),
      sent_(env.metrics.counter("seendr_channels_published_total", "Messages published.")),
      received_(env.metrics.counter("seendr_channels_received_total", "Messages taken out.")),
      unreadable_(env.metrics.counter("seendr_channels_unreadable_total",
                                      "Messages that were not in the format of the layer.")),
      gaps_(env.metrics.counter("seendr_channels_gaps_total",
                                "Times the layer listened again after it had heard nothing.")),
      subscriber_(env, commands.executor(), std::move(listening),
                  make_events([this](const redis::Message& message) { receive(message); }, gaps_)) {
}

awaitable<void> PubSubLayer::run(OnMessage on_message) {
  on_message_ = std::move(on_message);
  co_await subscriber_.run();
}

awaitable<std::string> PubSubLayer::new_channel() {
  std::string name = options_.prefix + "specific." + to_hex(bytes(random_bytes(env_.random, 16)));
  channels_.insert(name);
  subscriber_.subscribe(name);
  co_await subscriber_.wait_subscribed(options_.confirm);
  co_return name;
}

void PubSubLayer::remove_channel(std::string channel) {
  if (channels_.erase(channel) == 0) return;
  subscriber_.unsubscribe(channel);
  std::vector<std::string> joined;
  for (const auto& [name, members] : groups_) {
    if (members.contains(channel)) joined.push_back(name);
  }
  for (const std::string& name : joined) leave(name, channel);
}

std::string PubSubLayer::group_name(const std::string& group) const {
  return options_.prefix + "__group__" + group;
}

awaitable<void> PubSubLayer::group_add(std::string group, std::string channel) {
  assert(channels_.contains(channel));
  const std::string name = group_name(group);
  groups_[name].insert(std::move(channel));
  subscriber_.subscribe(name);
  co_await subscriber_.wait_subscribed(options_.confirm);
}

void PubSubLayer::group_discard(std::string group, std::string channel) {
  leave(group_name(group), channel);
}

void PubSubLayer::leave(const std::string& name, const std::string& channel) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  found->second.erase(channel);
  if (!found->second.empty()) return;
  subscriber_.unsubscribe(name);
  groups_.erase(found);
}

awaitable<std::size_t> PubSubLayer::group_send(std::string group, Message message) {
  co_return co_await publish(group_name(group), std::move(message));
}

awaitable<bool> PubSubLayer::send(std::string channel, Message message) {
  const std::size_t listeners = co_await publish(std::move(channel), std::move(message));
  co_return listeners > 0;
}

awaitable<std::size_t> PubSubLayer::publish(std::string name, Message message) {
  redis::Command publish("PUBLISH", name, encode_map(message));
  const redis::Reply listeners = co_await commands_.exec(std::move(publish));
  sent_.Increment();
  co_return static_cast<std::size_t>(listeners.as_int());
}

void PubSubLayer::receive(const redis::Message& message) {
  const std::optional<Message> map = decode_map(message.payload);
  if (!map) {
    unreadable_.Increment();
    env_.log.warn("channels_unreadable_message", "bytes", message.payload.size());
    return;
  }
  received_.Increment();
  if (channels_.contains(message.channel)) {
    on_message_(message.channel, *map);
    return;
  }
  const auto found = groups_.find(message.channel);
  if (found == groups_.end()) return;                   // Left meanwhile.
  const std::set<std::string> members = found->second;  // The receiver may join and leave.
  for (const std::string& channel : members) on_message_(channel, *map);
}

}  // namespace seendr::channels
