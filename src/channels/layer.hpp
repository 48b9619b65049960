// The channel layer: groups and point-to-point messages between processes, over Redis.
//
// Speaks channels_redis' core layer on the wire, so Python processes are members and senders like
// any other. A process owns one inbox, "specific.<hex32>!"; what follows the '!' names a receiver
// in it. What is over capacity is not sent, and the sender is told. What Redis holds is delivered
// once, over reconnects: docs/adr/0009-messages-stay-until-handed-out.md.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "channels/message_format.hpp"
#include "redis/client.hpp"
#include "redis/invalidations.hpp"
#include "redis/script.hpp"

namespace seendr::channels {

struct LayerOptions {
  std::string prefix = "asgi";
  std::size_t capacity = 1500;               // Messages in one inbox.
  std::chrono::seconds expiry{10};           // Life of an undelivered message.
  std::chrono::seconds group_expiry{86400};  // Life of a membership that is not renewed.
  std::chrono::seconds rejoin{3600};         // Memberships of this process are renewed this often.
};

struct SendResult {
  std::size_t members = 0;  // Channels that were addressed.
  std::size_t full = 0;     // Of them, those whose inbox was at its capacity: not delivered.
};

class Layer {
 public:
  // Called for each message and each channel of this process that it names.
  using OnMessage = std::function<void(const std::string& channel, const Message& message)>;

  // Both clients must outlive the layer. `reading` is used by run() alone, and belongs to it: Redis
  // is asked to tell of changes of all that it reads, on one more connection.
  Layer(const Env& env, redis::Client& commands, redis::Client& reading, LayerOptions options);

  // A new receiver name in this process' inbox.
  std::string new_channel();

  // The receiver of that name, of [A-Za-z0-9_.-], in this process' inbox.
  std::string channel(std::string_view receiver) const;

  awaitable<void> group_add(std::string group, std::string channel);
  awaitable<void> group_discard(std::string group, std::string channel);

  // Every channel in the group, of all processes.
  awaitable<std::vector<std::string>> members(std::string group);

  // To every member, local ones included.
  awaitable<SendResult> group_send(std::string group, Message message);

  // To one channel, local to some process or plain. False when it is full.
  awaitable<bool> send(std::string channel, Message message);

  // Receives until cancelled, over reconnects; renews memberships, and puts them back after Redis
  // lost them. `on_message` must not throw.
  awaitable<void> run(OnMessage on_message);

  // Leaves every group and removes the inbox. Call after run() has ended.
  awaitable<void> close();

 private:
  using Memberships = std::map<std::string, std::set<std::string>>;

  std::string key(std::string_view channel) const;
  std::string group_key(const std::string& group) const;
  double now() const;
  awaitable<void> rejoin();
  awaitable<void> receive(OnMessage on_message);
  awaitable<void> receive_once(const OnMessage& on_message);
  awaitable<void> take(const OnMessage& on_message);
  void wake();
  awaitable<void> wait_for_change();
  void dispatch(const std::string& bytes, const OnMessage& on_message);

  Env env_;
  redis::Client& commands_;
  redis::Client& reading_;
  LayerOptions options_;
  redis::Script deliver_;
  std::string inbox_;                    // "specific.<hex32>!"
  Memberships memberships_;              // Group to channels of this process.
  std::vector<std::string> handed_out_;  // Messages that are still in the inbox.
  std::uint64_t joined_on_ = 0;  // The connection on which all memberships are known to be written.
  std::chrono::steady_clock::time_point joined_at_;
  Counter& sent_;
  Counter& full_;
  Counter& received_;
  Counter& unreadable_;
  bool changed_ = false;  // The inbox may have changed since the last read was sent.
  Timer look_;            // Cancelled when it did.
  redis::Invalidations changes_;
};

}  // namespace seendr::channels
