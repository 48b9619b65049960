// The channel layer over Redis' pub/sub: groups and point-to-point messages, nothing stored.
//
// Speaks channels_redis.pubsub on the wire. A message reaches who listens at that moment; while a
// process has no connection it hears nothing, and nobody is told. Layer keeps messages and has a
// capacity: take this one only beside Python processes that use it, because the two do not hear
// each other. Pub/sub knows no databases: the prefix alone keeps deployments on one server apart.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "channels/message_format.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"

namespace seendr::channels {

struct PubSubOptions {
  std::string prefix = "asgi";
  Millis confirm{5000};  // How long Redis may take to confirm a subscription.
};

class PubSubLayer {
 public:
  // Called for each message and each channel of this process that it is for.
  using OnMessage = std::function<void(const std::string& channel, const Message& message)>;

  // Sends through `commands`, which must outlive the layer, and listens on a connection of its own
  // with the options `listening`.
  PubSubLayer(const Env& env, redis::Client& commands, redis::ClientOptions listening,
              PubSubOptions options);

  // Receives until cancelled, over reconnects. The only background loop; what waits for a
  // subscription waits for it.
  awaitable<void> run(OnMessage on_message);

  // A new receiver, "<prefix>specific.<hex32>": what is sent to it from now on arrives. Throws
  // timed_out when Redis does not confirm.
  awaitable<std::string> new_channel();

  // Forgets a channel of this process and its memberships.
  void remove_channel(std::string channel);

  // Requires: a channel of this process. Throws timed_out when Redis does not confirm; it is a
  // member all the same as soon as Redis is back.
  awaitable<void> group_add(std::string group, std::string channel);
  void group_discard(std::string group, std::string channel);

  // Returns how many processes listened.
  awaitable<std::size_t> group_send(std::string group, Message message);

  // Returns whether anybody listened.
  awaitable<bool> send(std::string channel, Message message);

 private:
  std::string group_name(const std::string& group) const;
  awaitable<std::size_t> publish(std::string name, Message message);
  void leave(const std::string& name, const std::string& channel);
  void receive(const redis::Message& message);

  Env env_;
  redis::Client& commands_;
  PubSubOptions options_;
  OnMessage on_message_;
  std::set<std::string> channels_;                       // Of this process.
  std::map<std::string, std::set<std::string>> groups_;  // Pub/sub name to members here.
  Counter& sent_;
  Counter& received_;
  Counter& unreadable_;
  Counter& gaps_;
  redis::Subscriber subscriber_;
};

}  // namespace seendr::channels
