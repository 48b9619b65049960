// What this process knows of the Redis server that keeps the pool: its epoch and its clock.
//
// Redis may be restarted, or fail over to a replica that lacks the last writes. Each such change is
// a new epoch. Every new connection tells the server's run id before anything else is sent on it;
// the script `epoch` counts the epoch up when the id is new and notes that in the log. Every other
// script names the epoch it was written for, so that nothing from before a change has an effect
// after it.
#pragma once

#include <cstdint>
#include <string>

#include "base/env.hpp"
#include "redis/client.hpp"

namespace seendr::match {

// Used on one executor, that of the clients that greet with it.
class StateServer {
 public:
  StateServer(const Env& env, std::string shard);

  // For ClientOptions::on_connect of every client that serves the matchmaker. Must not outlive
  // this.
  redis::OnConnect greeting();

  // Asks again, when scripts are refused although the connection is an old one.
  awaitable<void> refresh(redis::Client& client);

  // 0 before the first connection.
  std::uint64_t epoch() const { return epoch_; }

  // Unix time in milliseconds by the server's clock, as far as known: the own clock before the
  // first connection, else what the server said last plus the time since.
  std::int64_t now_ms() const;

  // The server's clock as read from a reply that has just arrived.
  void heard(std::int64_t server_ms);

 private:
  awaitable<void> greet(redis::Connection& connection);
  redis::Command epoch_command(const std::string& info) const;
  void learn(const redis::Reply& epoch, const redis::Reply& time);

  Env env_;
  std::string shard_;
  std::uint64_t epoch_ = 0;
  std::int64_t offset_ms_ = 0;  // Server's clock less the monotonic one.
  bool heard_ = false;
};

}  // namespace seendr::match
