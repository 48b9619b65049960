// Many players on any number of servers, and what they saw together.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "lab/player.hpp"

namespace seendr::lab {

// One executor; at most a few tens of thousands of players. Must be closed before it is destroyed.
class Crowd {
 public:
  Crowd(const Env& env, Executor executor);

  // Adds a player who is not yet connected. The reference lives as long as the crowd.
  Player& add(Person person, http::ClientTarget server, Manner manner);

  // Connects everybody who is not, 32 at a time. Throws the first failure.
  awaitable<void> connect();

  // Waits until `done` or the limit; true if it was done. Looks each 5 ms.
  awaitable<bool> wait_until(std::function<bool()> done, Millis limit);

  // Leaves every room, waits for the answers a moment, cuts every connection, ends every coroutine.
  awaitable<void> close();

  const std::vector<Player*>& players() const { return order_; }
  const Witness& witness() const { return witness_; }

  // Rooms told to one side only count when they are older than `grace`.
  std::vector<Violation> violations(Millis grace) const;

  // Error frames by code, connections that the server closed by code ("closed 4008"), and what
  // ended a player's coroutine.
  std::map<std::string, std::size_t> troubles() const;

 private:
  awaitable<void> connect_some();

  const Env env_;
  Witness witness_;
  std::list<Player> players_;
  std::vector<Player*> order_;
  std::map<std::string, std::size_t> failures_;
  std::size_t next_ = 0;        // To connect.
  std::size_t connecting_ = 0;  // Coroutines that connect.
  std::exception_ptr connect_failure_;
  TaskGroup group_;
};

// The people who search and could be paired with one another but are not: all who search, but one
// of each set that speaks no common language.
std::size_t left_over(const std::vector<const Player*>& searching);

}  // namespace seendr::lab
